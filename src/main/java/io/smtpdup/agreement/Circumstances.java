package io.smtpdup.agreement;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What the store cannot know of a backup, told when a report is made.
 *
 * @param open recipients of copies that still wait for it
 * @param oldestOpenSeconds the age of the oldest of them; zero when none waits
 * @param awaySeconds how long it was away within the window
 * @param lost copies for it that were lost
 * @param damaged copies for it that this relay has set aside as damaged
 * @param setAside copies for it that lie among the damaged ones now, whichever relay has put them there, but for those of before a mark
 * @param loops mails that came back to the relay with the relay's own Received field, from this backup
 * @param echoes other mails from the backup's address that bounces, receipts or vacation notices are
 * @param failedRecipients addresses that the primary takes and the backup refused when it was asked about them
 * @param catchAll whether the backup takes any address, so that what it says about addresses means nothing
 * @param hidden whether hardly anybody can see what mail it sends, because its address is the primary's or this machine's as well
 * @param sides what both servers have shown of themselves, and what mails were seen; null when nobody has looked. A report has them by
 *     themselves
 */
public record Circumstances(long open, long oldestOpenSeconds, long awaySeconds, long lost, long damaged, long setAside, long loops,
        long echoes, long failedRecipients, boolean catchAll, boolean hidden,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Sides sides) {

    /** Nothing is known, and nothing waits. */
    public static final Circumstances NONE = new Circumstances(0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, null);

    /** Of two relays: what is counted adds up, what is a time is the longer one, and with one broker the same copies are set aside. */
    Circumstances and(Circumstances other) {
        return new Circumstances(open + other.open, Math.max(oldestOpenSeconds, other.oldestOpenSeconds),
                Math.max(awaySeconds, other.awaySeconds), lost + other.lost, damaged + other.damaged,
                Math.max(setAside, other.setAside), loops + other.loops, echoes + other.echoes,
                Math.max(failedRecipients, other.failedRecipients), catchAll || other.catchAll, hidden || other.hidden,
                Sides.of(sides, other.sides));
    }

    Circumstances withoutSides() {
        return new Circumstances(open, oldestOpenSeconds, awaySeconds, lost, damaged, setAside, loops, echoes, failedRecipients, catchAll,
                hidden, null);
    }

    /** Copies that were lost or damaged. */
    long lostOrDamaged() {
        return lost + Math.max(damaged, setAside);
    }
}
