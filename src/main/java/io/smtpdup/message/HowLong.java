package io.smtpdup.message;

import java.time.Duration;

/** How long something is, as people read it: in commands, on the page and in what is looked at before a switch. */
public final class HowLong {

    private HowLong() {
    }

    /** {@code 3 min}, in the largest unit of which there are two or more; nothing is shorter than {@code 0 s}. */
    public static String text(Duration duration) {
        return text(duration.toSeconds());
    }

    /** The same of seconds. */
    public static String text(long seconds) {
        return seconds < 120 ? Math.max(0, seconds) + " s"
                : seconds < 2 * 3600 ? seconds / 60 + " min"
                : seconds < 2 * 86_400 ? seconds / 3600 + " h"
                : seconds / 86_400 + " days";
    }
}
