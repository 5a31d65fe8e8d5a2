package io.smtpdup.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;
import org.junit.jupiter.api.Test;

/** What is remembered of the latest mails, and that it is bounded whatever clients do. */
class TracesTest {

    private static final Instant START = Instant.parse("2026-03-01T09:12:30Z");

    private int seconds;

    @Test
    void tellsAMailsEventsInTheirOrder() {
        Traces traces = new Traces(10);
        traces.accept(event(MailEvent.RECIPIENT_REJECTED, "M1", "to", List.of("gone@b.example"), "reply", "550 5.1.1 no"));
        traces.accept(accepted("M1"));
        traces.accept(event(MailEvent.DEFERRED, "M1", "destination", "new:25", "role", "backup", "attempts", 1, "reply", "450 busy"));
        traces.accept(event(MailEvent.DELIVERED, "M1", "destination", "new:25", "role", "backup", "attempts", 2, "reply", "250 ok"));

        TracedMail mail = TracedMail.of(traces.get("M1").orElseThrow(), TracedMail.MEMORY);

        assertThat(mail.events()).extracting(LoggedEvent::event)
                .containsExactly(MailEvent.RECIPIENT_REJECTED, MailEvent.ACCEPTED, MailEvent.DEFERRED, MailEvent.DELIVERED);
        assertThat(mail.state()).isEqualTo("accepted");
        assertThat(mail.recipients()).containsExactly("b@b.example");
        assertThat(mail.queueId()).isEqualTo("4ABCDEF");
        assertThat(mail.copies()).singleElement().satisfies(copy -> {
            assertThat(copy.state()).isEqualTo("delivered");
            assertThat(copy.attempts()).isEqualTo(2);
        });
    }

    @Test
    void forgetsTheOldestMail() {
        Traces traces = new Traces(3);

        IntStream.range(0, 5).forEach(i -> traces.accept(accepted("M" + i)));

        assertThat(traces.all()).extracting(Trace::id).containsExactly("M4", "M3", "M2");
    }

    @Test
    void keepsMailOfOthersWhateverOneWhoIsRefusedTries() {
        Traces traces = new Traces(100);
        IntStream.range(0, 60).forEach(i -> traces.accept(accepted("M" + i)));

        IntStream.range(0, 10_000).forEach(i -> traces.accept(
                event(MailEvent.RECIPIENT_REJECTED, "R" + i, "to", List.of("gone@b.example"), "reply", "550 5.1.1 no")));

        assertThat(traces.all()).hasSize(100);
        assertThat(IntStream.range(0, 60)).allSatisfy(i -> assertThat(traces.get("M" + i)).isPresent());

        IntStream.range(60, 75).forEach(i -> traces.accept(accepted("M" + i)));
        assertThat(IntStream.range(0, 75)).allSatisfy(i -> assertThat(traces.get("M" + i)).isPresent());
    }

    @Test
    void takesNoMoreMemoryThanItMay() {
        Traces traces = new Traces(1_000_000, 100_000);

        for (int i = 0; i < 1000; i++) {
            traces.accept(event(MailEvent.ACCEPTED, "M" + i, "from", "x".repeat(500),
                    "to", IntStream.range(0, 100).mapToObj(n -> n + "y".repeat(100)).toList()));
            assertThat(traces.octets()).isBetween(0L, 100_000L);
        }

        assertThat(traces.all()).hasSizeBetween(1, 10);
    }

    @Test
    void leavesOutTheMiddleOfAnEndlessStory() {
        Traces traces = new Traces(1000);
        traces.accept(accepted("M1"));

        IntStream.range(0, 10_000).forEach(i -> traces.accept(
                event(MailEvent.DEFERRED, "M1", "destination", "new:25", "role", "backup", "attempts", i, "reply", "450 busy")));

        Trace mail = traces.get("M1").orElseThrow();
        assertThat(mail.events()).hasSize(Trace.MOST).first().extracting(LoggedEvent::event).isEqualTo(MailEvent.ACCEPTED);
        assertThat(mail.events()).last().satisfies(event -> assertThat(event.number("attempts", 0)).isEqualTo(9999));
        assertThat(mail.omitted()).isEqualTo(10_001 - Trace.MOST);
        assertThat(traces.octets()).isLessThan(40_000);
    }

    @Test
    void keepsThatItWasAcceptedHoweverLateThatCame() {
        Traces traces = new Traces(1000);
        IntStream.range(0, 80).forEach(i -> traces.accept(event(MailEvent.RECIPIENT_REJECTED, "M1", "to", "r" + i + "@d.example")));
        traces.accept(accepted("M1"));
        IntStream.range(0, 500).forEach(i -> traces.accept(
                event(MailEvent.DEFERRED, "M1", "destination", "new:25", "role", "backup", "attempts", i, "reply", "450 busy")));

        Trace mail = traces.get("M1").orElseThrow();
        assertThat(mail.events()).hasSize(Trace.MOST).extracting(LoggedEvent::event).containsOnlyOnce(MailEvent.ACCEPTED);
        assertThat(mail.state()).isEqualTo(Trace.State.ACCEPTED);
        assertThat(mail.omitted()).isEqualTo(581 - Trace.MOST);
    }

    @Test
    void countsATextOnceThatSeveralEventsSay() {
        Traces traces = new Traces(10);
        String address = "x".repeat(400);
        traces.accept(event(MailEvent.ACCEPTED, "M1", "from", address, "to", List.of(address)));
        long before = traces.octets();

        traces.accept(event(MailEvent.DELIVERED, "M1", "from", new StringBuilder(address).toString(), "to", List.of(address), "role", "backup"));

        assertThat(traces.octets() - before).isLessThan(400);
    }

    @Test
    void knowsAnAcceptedMailOfWhichOnlyTheCopyIsRemembered() {
        Traces traces = new Traces(10);

        traces.accept(event(MailEvent.DEAD_LETTERED, "M1", "destination", "new:25", "from", "a@b.example", "to", List.of("b@b.example")));

        assertThat(traces.get("M1").orElseThrow().state()).isEqualTo(Trace.State.ACCEPTED);
    }

    @Test
    void tellsRefusedRejectedAndVanishedApart() {
        Traces traces = new Traces(10);
        traces.accept(event(MailEvent.REFUSED, "M1", "reply", "451 4.4.1 later"));
        traces.accept(event(MailEvent.REJECTED, "M2", "reply", "554 5.7.1 spam"));
        traces.accept(event(MailEvent.VANISHED, "M3"));
        traces.accept(event(MailEvent.DEFERRED, "M4", "role", "primary", "reply", "451 4.3.0 later"));

        assertThat(traces.all()).extracting(Trace::state)
                .containsExactly(Trace.State.REFUSED, Trace.State.VANISHED, Trace.State.REJECTED, Trace.State.REFUSED);
    }

    @Test
    void isNoStoryWhatConcernsNoMail() {
        Traces traces = new Traces(10);

        traces.accept(LoggedEvent.of(START, MailEvent.AWAY, Map.of("destination", "new:25")));

        assertThat(traces.all()).isEmpty();
    }

    private LoggedEvent accepted(String id) {
        return event(MailEvent.ACCEPTED, id, "client", "192.0.2.7", "from", "a@b.example", "to", List.of("b@b.example"), "nrcpt", 1,
                "size", 100L, "message_id", "<" + id + "@b.example>", "reply", "250 2.0.0 Ok: queued as 4ABCDEF");
    }

    private LoggedEvent event(MailEvent event, String id, Object... fields) {
        Map<String, Object> all = new HashMap<>(Map.of("id", id));
        for (int i = 0; i < fields.length; i += 2) {
            all.put((String) fields[i], fields[i + 1]);
        }
        return LoggedEvent.of(START.plusSeconds(seconds++), event, all);
    }
}
