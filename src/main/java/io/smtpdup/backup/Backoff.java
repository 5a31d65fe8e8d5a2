package io.smtpdup.backup;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that double. */
final class Backoff {

    /** So that copies that were deferred together do not come together again. */
    private static final double JITTER = 0.25;

    private Backoff() {
    }

    /**
     * The pause after a number of failures before the latest: {@code first}, twice that, and so on, never more than
     * {@code longest}.
     */
    static Duration pause(Duration first, Duration longest, int failuresBefore) {
        // 2^30 seconds are 34 years: no pause that is allowed is longer, and nothing overflows.
        long factor = 1L << Math.min(Math.max(failuresBefore, 0), 30);
        return first.compareTo(longest.dividedBy(factor)) >= 0 ? longest : first.multipliedBy(factor);
    }

    /** The longest that {@link #withJitter} makes of the pause. */
    static Duration longest(Duration pause) {
        return pause.plusMillis((long) (pause.toMillis() * JITTER));
    }

    /** The pause, and up to a quarter of it more. */
    static Duration withJitter(Duration pause) {
        return pause.plusMillis((long) (pause.toMillis() * JITTER * ThreadLocalRandom.current().nextDouble()));
    }
}
