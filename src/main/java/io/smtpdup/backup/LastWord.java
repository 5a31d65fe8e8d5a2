package io.smtpdup.backup;

import java.util.HashMap;
import java.util.Map;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Fate;
import io.smtpdup.agreement.Stage;
import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.delivery.Outcome;
import io.smtpdup.delivery.RefusedRecipient;
import io.smtpdup.delivery.Step;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;

/**
 * How a try ended for one recipient of a copy that the backup has not taken, and what was said last.
 *
 * @param said to which step the backup gave the reply; null when the reply is ours
 * @param ourDoing whether the backup has no part in it
 */
record LastWord(Outcome outcome, Reply reply, @Nullable Step said, boolean ourDoing) {

    /** For each of these recipients, by their positions in the copy that was tried; for none when it is not about the delivery. */
    static Map<Integer, LastWord> of(@Nullable Exception failure, Map<Integer, Recipient> recipients) {
        if (!(failure instanceof DeliveryException delivery)) {
            return Map.of();
        }
        boolean ourDoing = delivery.saidTo() == null && !delivery.isDestinationAway();
        LastWord common = new LastWord(delivery.outcome(), delivery.reply(), delivery.saidTo(), ourDoing);
        Map<Integer, LastWord> words = new HashMap<>();
        recipients.keySet().forEach(position -> words.put(position, common));
        for (RefusedRecipient one : delivery.refusedRecipients()) {
            words.replace(one.position(), new LastWord(one.outcome(), one.reply(), one.saidTo(), one.saidTo() == null && ourDoing));
        }
        return words;
    }

    /** The backup's own 4xx of each recipient that it has put off, by address. */
    static Map<String, Answer> deferrals(@Nullable Exception failure, Map<Integer, Recipient> recipients) {
        Map<String, Answer> deferrals = new HashMap<>();
        of(failure, recipients).forEach((position, word) -> {
            if (word.said != null && word.reply.isTransientNegative()) {
                deferrals.put(recipients.get(position).address(), word.answer());
            }
        });
        return deferrals;
    }

    /**
     * What became of the recipient when the copy was given up after that.
     *
     * @param unclear whether an earlier try may have given it to the recipient
     * @param putOff whether the backup has put the recipient off before
     */
    Fate fate(boolean unclear, boolean putOff) {
        return switch (outcome) {
            case FAILED -> Fate.REFUSED;
            case UNKNOWN -> Fate.UNCLEAR;
            default -> unclear ? Fate.UNCLEAR : ourDoing && !putOff ? Fate.LOST : Fate.EXPIRED;
        };
    }

    /** What a comparison has; null where the backup did not answer. Of a mail that it can never take we speak in its place. */
    @Nullable Answer answer() {
        return outcome == Outcome.UNKNOWN || said == null && !reply.isPermanentNegative() ? null : Answer.of(stage(), reply, "");
    }

    private Stage stage() {
        if (said == null) {
            return Stage.MAIL;
        }
        return switch (said) {
            case RCPT -> Stage.RCPT;
            case DATA -> Stage.DATA;
            case CONTENT, FINAL_DOT -> Stage.DOT;
            default -> Stage.MAIL;
        };
    }
}
