package io.smtpdup.agreement;

import java.time.Duration;
import java.time.Instant;

import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;

/** Comparisons to test with. */
final class Samples {

    /** A Wednesday. */
    static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

    static final String BACKUP = "new.example-25";

    static final Answer TOOK = said(Stage.DOT, "250 2.0.0 Ok: queued as 4ZbcdkLm");

    static final Answer UNKNOWN_USER = said(Stage.RCPT, "550 5.1.1 User unknown");

    private Samples() {
    }

    static Answer said(Stage stage, String reply) {
        return Answer.of(stage, Reply.parse(reply), "");
    }

    static Comparison of(String id, String recipient, @Nullable Answer primary, Fate fate, @Nullable Answer answer) {
        return at(NOON, id, recipient, primary, fate, answer, null);
    }

    static Comparison agreed(String id, String recipient, Instant at) {
        return at(at, id, recipient, TOOK, Fate.TAKEN, TOOK, null);
    }

    static Comparison refused(String id, String recipient, Instant at) {
        return at(at, id, recipient, TOOK, Fate.REFUSED, UNKNOWN_USER, null);
    }

    static Comparison at(Instant at, String id, String recipient, @Nullable Answer primary, Fate fate, @Nullable Answer answer,
            @Nullable Answer setback) {
        return new Comparison(id, "sender@a.example", recipient, BACKUP, primary, fate, answer, setback, setback == null ? 1 : 2,
                setback == null ? Duration.ZERO : Duration.ofSeconds(300), Duration.ofMillis(12), Duration.ofMillis(20), at);
    }
}
