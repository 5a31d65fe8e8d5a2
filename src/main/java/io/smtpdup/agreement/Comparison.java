package io.smtpdup.agreement;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What the primary and one backup did with one recipient of one mail. Made once, when that is final at the backup; made
 * again when it changes, after a requeue or a replay, it takes the place of the earlier one.
 *
 * @param id the mail's id, the same for each copy of it
 * @param sender the reverse-path; empty for the null path
 * @param recipient the forward-path
 * @param backup the backup's name as its queue has it, {@code host-port}
 * @param primary the primary's answer about this recipient: to the final dot when it took the mail, to RCPT when it refused;
 *        null when not known, as with a copy that an earlier version has queued
 * @param fate what became of it at the backup
 * @param answer the backup's last answer about this recipient; null when it never answered
 * @param setback the backup's own last 4xx before that; null when there was none. What we say ourselves when a server cannot
 *        be reached is no setback
 * @param attempts how often the copy was sent, this time included
 * @param untilFinal from the first attempt until it was final; zero for the first attempt
 * @param primaryTook the primary's time for the transaction; null when not known, and for all but one recipient of a mail, or a
 *        mail with many would count many times
 * @param backupTook the same of the backup's last attempt
 * @param at when it became final, by the watch on the wall
 */
public record Comparison(String id, String sender, String recipient, String backup, @Nullable Answer primary, Fate fate,
        @Nullable Answer answer, @Nullable Answer setback, int attempts, Duration untilFinal, @Nullable Duration primaryTook,
        @Nullable Duration backupTook, Instant at) {

    /** The relation and the category of a difference; {@link Category#NONE} where nothing was refused. */
    record Result(Relation relation, Category category) {
    }

    /** What the two are to each other, before the operator's rules. Classes and categories are compared, never texts. */
    Result compare(ReplyTable table) {
        Category said = answer == null ? Category.SYSTEM : table.categoryOf(answer);
        if (fate.isWithoutComparison()) {
            return new Result(Relation.INCOMPARABLE, Category.SYSTEM);
        }
        if (primary == null || primary.isTransient()) {
            return new Result(Relation.INCOMPARABLE, primary == null ? said : table.categoryOf(primary));
        }
        return primary.isPositive() ? whereThePrimaryTookIt(said, table) : whereThePrimaryRefused(table.categoryOf(primary), said);
    }

    private Result whereThePrimaryTookIt(Category said, ReplyTable table) {
        return switch (fate) {
            case TAKEN -> setback == null
                    ? new Result(Relation.AGREED, Category.NONE)
                    : new Result(Relation.HEALED, table.categoryOf(setback));
            case REFUSED -> new Result(Relation.REFUSED, said);
            case EXPIRED -> new Result(Relation.EXPIRED, said == Category.NONE ? Category.SYSTEM : said);
            default -> new Result(Relation.INCOMPARABLE, said);
        };
    }

    private Result whereThePrimaryRefused(Category refused, Category said) {
        return switch (fate) {
            case TAKEN -> new Result(Relation.LEAKED, refused);
            case REFUSED -> said == refused ? new Result(Relation.AGREED, said) : new Result(Relation.DIFFERENT, said);
            // For the same reason, but it may take it later: Postfix says 450 while it has not verified an address
            case PUT_OFF -> said == refused || said.isOfTheMoment()
                    ? new Result(Relation.INCOMPARABLE, said)
                    : new Result(Relation.DIFFERENT, said);
            default -> new Result(Relation.INCOMPARABLE, said);
        };
    }

    /**
     * The reply of the backup that a difference shows: of a healed one the 4xx. Null where its fate says more: a copy that was lost was
     * not refused, whatever the backup had said before.
     */
    @Nullable Answer shown() {
        if (fate.isWithoutComparison()) {
            return null;
        }
        return setback != null && fate == Fate.TAKEN ? setback : answer;
    }
}
