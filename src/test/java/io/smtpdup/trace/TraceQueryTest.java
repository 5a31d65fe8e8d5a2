package io.smtpdup.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By what an operator may call a mail. */
class TraceQueryTest {

    private static final Instant AT = Instant.parse("2026-03-01T09:12:30Z");

    private static final Trace MAIL = Trace.of("1M857J9QHYK51GMQ", List.of(
            LoggedEvent.of(AT, MailEvent.ACCEPTED, Map.of("from", "Alice@A.example", "to", List.of("bob@b.example", "carol@c.example"),
                    "message_id", "<20260301.x@a.example>", "reply", "250 2.0.0 Ok: queued as 4ABCDEF1")),
            LoggedEvent.of(AT.plusSeconds(60), MailEvent.DELIVERED, Map.of("role", "backup", "reply", "250 OK id=1tXyZ0-0001ab-2C"))));

    @ParameterizedTest
    @ValueSource(strings = {"1M857J9QHYK51GMQ", "1m857j9qhyk51gmq", " 1M857J9QHYK51GMQ ", "<20260301.x@a.example>", "20260301.x@a.example",
        "4ABCDEF1", "1tXyZ0-0001ab-2C"})
    void findsAMailByAnyOfItsNames(String name) {
        assertThat(new TraceQuery(name, null, null, null, null).matches(MAIL)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1M857J9QHYK51GMR", "4ABCDEF", "ABCDEF1", "20260301.x", "20260301.x@a.exampl", "4ABCDEF12"})
    void isNotMisledByAPartOfAName(String name) {
        assertThat(new TraceQuery(name, null, null, null, null).matches(MAIL)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"bob@b.example, , true", "<BOB@b.example>, , true", "@c.example, , true", "dave@d.example, , false",
        ", alice@a.example, true", ", @a.example, true", ", <>, false", "bob@b.example, mallory@m.example, false"})
    void findsAMailByItsAddresses(String recipient, String sender, boolean found) {
        assertThat(new TraceQuery(null, recipient, sender, null, null).matches(MAIL)).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, true", "-60, 60, true", "1, 60, false", "-60, -1, false"})
    void findsAMailByTheTimeAtWhichItBegan(int since, int until, boolean found) {
        assertThat(new TraceQuery(null, null, null, AT.plusSeconds(since), AT.plusSeconds(until)).matches(MAIL)).isEqualTo(found);
    }

    @Test
    void findsABounceByItsNullReversePath() {
        Trace bounce = Trace.of("M2", List.of(LoggedEvent.of(AT, MailEvent.ACCEPTED, Map.of("from", "", "to", List.of("bob@b.example")))));

        assertThat(new TraceQuery(null, null, "<>", null, null).matches(bounce)).isTrue();
        assertThat(new TraceQuery(null, null, "@b.example", null, null).matches(bounce)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "250 2.0.0 Ok: queued as 4ABCDEF1|4ABCDEF1",
        "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3zXyW94bQzk|3zXyW94bQzk",
        "250 OK id=1tXyZ0-0001ab-2C|1tXyZ0-0001ab-2C",
        "250 2.6.0 <x@y> [InternalId=12345678901, Hostname=ex.example] Queued mail for delivery|12345678901",
        "250 2.0.0 41J9abCd012345 Message accepted for delivery|41J9abCd012345",
        "250 2.0.0 Ok|",
    })
    void readsTheQueueIdInTheReplyOfTheUsualServers(String reply, String id) {
        assertThat(QueueId.in(reply).orElse(null)).isEqualTo(id);
    }
}
