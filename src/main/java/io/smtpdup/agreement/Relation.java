package io.smtpdup.agreement;

import java.util.Locale;

/** What the answers of the primary and of one backup, about one recipient of one mail, are to each other. */
public enum Relation {

    /** Both took the recipient, or both refused it for a reason of the same category. */
    AGREED,

    /** Both took it, the backup after one or more 4xx. */
    HEALED,

    /** The primary took it, the backup answered 5xx. */
    REFUSED,

    /** The primary took it, the backup had not done so when the time for trying was over. */
    EXPIRED,

    /** The primary refused it, the backup would take it. */
    LEAKED,

    /** Both refused it, for reasons of different categories. */
    DIFFERENT,

    /** They differ, and a rule of the operator says that they may; never counts as agreed. */
    EXPECTED,

    /** There is nothing to compare: no clear answer, a copy that is gone, one that the routes left out. */
    INCOMPARABLE,

    /** The copy still waits. */
    OPEN;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As reports and metrics name it. */
    public String text() {
        return text;
    }

    /** Whether the servers differ and no rule says that they may: what counts against a backup. */
    public boolean isDisagreement() {
        return this == REFUSED || this == EXPIRED || this == LEAKED || this == DIFFERENT;
    }

    /** Whether two answers were compared at all. */
    public boolean isCompared() {
        return this != INCOMPARABLE && this != OPEN;
    }
}
