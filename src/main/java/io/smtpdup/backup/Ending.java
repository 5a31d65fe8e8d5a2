package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Fate;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of each recipient of one copy that has come to its backup. It is kept here until the copy is where it belongs: one that
 * goes back into its queue is not at its end. Used by one thread.
 */
final class Ending {

    private final Verdicts verdicts;

    private final Gate gate;

    private final Held held;

    private final List<Comparison> known = new ArrayList<>();

    private boolean timed;

    Ending(Verdicts verdicts, Gate gate, Held held) {
        this.verdicts = verdicts;
        this.gate = gate;
        this.held = held;
    }

    /**
     * The copy's route is through, and nothing failed. Without a word of a server, a step of the operator's has kept the copy from the
     * backup.
     */
    void taken(Exchange exchange) {
        add(() -> {
            Facts facts = new Facts(exchange);
            Fate fate = facts.latest == null ? Fate.LEFT_OUT : Fate.TAKEN;
            return EnvelopeHeaders.read(exchange.getMessage()).orElseThrow().recipients().stream()
                    .map(recipient -> facts.comparison(recipient, fate, facts.taken())).toList();
        });
    }

    /** The backup has the copy for some of its recipients, by their positions. */
    void taken(Exchange exchange, Collection<Integer> some) {
        add(() -> {
            Facts facts = new Facts(exchange);
            List<String> all = EnvelopeHeaders.read(exchange.getMessage()).orElseThrow().recipients();
            return some.stream().map(position -> facts.comparison(all.get(position), Fate.TAKEN, facts.taken())).toList();
        });
    }

    /** The copy becomes a dead letter for these recipients, by their positions in the copy that was tried. */
    void givenUp(Exchange exchange, Map<Integer, Recipient> recipients) {
        add(() -> {
            Facts facts = new Facts(exchange);
            boolean unclear = exchange.getMessage().getHeader(CopyConstants.UNKNOWN, 0, Integer.class) > 0;
            Map<Integer, LastWord> words = LastWord.of(Passage.failure(exchange), recipients);
            List<Comparison> all = new ArrayList<>();
            recipients.forEach((position, recipient) -> {
                Answer putOff = facts.deferrals.about(recipient.address());
                LastWord word = words.get(position);
                // Without one a step of the route has failed again and again: nobody knows what the backup would have said.
                Fate fate = word == null ? Fate.LOST : word.fate(unclear, putOff != null);
                Answer answer = word == null ? null : word.answer();
                all.add(facts.comparison(recipient.address(), fate, answer == null && fate == Fate.EXPIRED ? putOff : answer));
            });
            return all;
        });
    }

    /** Whether the servers' time is told here, which is done once for each mail. */
    boolean isTimed() {
        return timed;
    }

    /** The copy is where it belongs, and all of this is true. */
    void tell() {
        verdicts.tell(() -> List.copyOf(known));
        known.clear();
    }

    /** It is not, and comes again. */
    void forget() {
        known.clear();
    }

    private void add(Supplier<List<Comparison>> comparisons) {
        verdicts.tell(() -> {
            known.addAll(comparisons.get());
            return List.of();
        });
    }

    /** What is the same for all recipients. */
    private final class Facts {

        private final Verdicts.Primary primary;

        private final Deferrals deferrals;

        /** What the backup said now; null when it was not asked. */
        private final @Nullable Verdict latest;

        private final Duration untilNow;

        private final Instant now = verdicts.now();

        private Facts(Exchange exchange) {
            Message copy = exchange.getMessage();
            primary = Verdicts.Primary.of(copy);
            deferrals = Deferrals.of(copy);
            latest = exchange.getProperty(Verdict.LATEST, Verdict.class);
            Long first = copy.getHeader(CopyConstants.FIRST_ATTEMPT_AT, Long.class);
            untilNow = Duration.ofMillis(first == null ? 0 : Math.max(0, SteadyClock.system().millis() - first));
        }

        /** What the backup said when it took the copy; null when that was another time. */
        private @Nullable Answer taken() {
            return latest != null && latest.reply().isPositive() ? Answer.of(Stage.DOT, latest.reply(), latest.server()) : null;
        }

        private Comparison comparison(String recipient, Fate fate, @Nullable Answer answer) {
            boolean counts = fate == Fate.TAKEN && !gate.isElsewhere() && !timed && primary.took() != null && latest != null;
            timed |= counts;
            return new Comparison(held.id(), held.copy().reversePath(), recipient, gate.name(), primary.about(recipient),
                    gate.isElsewhere() ? Fate.LEFT_OUT : fate, bySelf(answer), bySelf(deferrals.about(recipient)),
                    held.copy().attempts() + 1, untilNow, counts ? primary.took() : null, counts ? latest.took() : null, now);
        }

        private @Nullable Answer bySelf(@Nullable Answer answer) {
            return answer == null || latest == null || answer.server().equals(latest.server()) ? answer
                    : new Answer(answer.stage(), answer.code(), answer.enhanced(), answer.text(), latest.server());
        }
    }
}
