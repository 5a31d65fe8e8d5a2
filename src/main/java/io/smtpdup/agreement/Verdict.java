package io.smtpdup.agreement;

import java.util.Locale;

/** Whether a backup may become the primary; the worst is last. */
public enum Verdict {

    /** It does what the primary does, for traffic like that of the window. */
    READY,

    /** Nothing speaks against it, and not enough for it. */
    INCONCLUSIVE,

    /** It would treat mail differently. */
    NOT_READY;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** As reports and metrics name it. */
    public String text() {
        return text;
    }

    static Verdict of(String text) {
        for (Verdict verdict : values()) {
            if (verdict.text.equals(text)) {
                return verdict;
            }
        }
        throw new IllegalArgumentException("no verdict: " + text);
    }

    Verdict orWorse(Verdict other) {
        return other.compareTo(this) > 0 ? other : this;
    }
}
