package io.smtpdup.agreement;

import java.util.EnumSet;
import java.util.Set;

/** What became of one recipient of a copy at a backup, once that is final. */
public enum Fate {

    /** The backup took the recipient: 2xx to the final dot, or to RCPT where it was only asked. */
    TAKEN(""),

    /** It answered 5xx. */
    REFUSED(""),

    /** It answered 4xx, and will not be asked again: only where it was asked about a recipient, never for a copy. */
    PUT_OFF(""),

    /** The time for trying was over before it took or refused it. */
    EXPIRED("no clear answer within the time for trying"),

    /** The final dot was sent, and no clear answer came. */
    UNCLEAR("no clear answer to the final dot"),

    /** The copy is lost or damaged. */
    LOST("the copy is lost"),

    /** An operator deleted the copy while it was still waiting. */
    DISCARDED("the copy was deleted by hand"),

    /** The routes gave this backup no copy, or moved it to another. */
    LEFT_OUT("the routes left this backup out"),

    /** It was compared, but could not be written down: the store was too slow, or cannot write. */
    UNRECORDED("not recorded"),

    /** It was asked about a recipient, and takes every address of the domain, so that its answer means nothing. */
    CATCH_ALL("the backup takes any address of the domain");

    private static final Set<Fate> WITHOUT_COMPARISON = EnumSet.of(UNCLEAR, LOST, DISCARDED, LEFT_OUT, UNRECORDED, CATCH_ALL);

    private final String text;

    Fate(String text) {
        this.text = text;
    }

    /** What a report shows where there is no reply. */
    String text() {
        return text;
    }

    /** Whether there is nothing to compare, whatever the backup has said before. */
    boolean isWithoutComparison() {
        return WITHOUT_COMPARISON.contains(this);
    }

    /** Whether a report shows this instead of a reply because there was nothing to compare. */
    static boolean isReason(String text) {
        return WITHOUT_COMPARISON.stream().anyMatch(fate -> fate.text.equals(text));
    }
}
