package io.smtpdup.message;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.LongSupplier;

/**
 * The time by which copies wait and grow old: the machine's clock as it was at the start, and from then on the time that
 * has passed. When somebody sets the machine's clock, no pause gets longer and no copy older.
 *
 * <p>What it tells and what a watch on the wall tells are two times from then on; {@link #toWall} makes the one the other.
 * Safe for use by several threads.
 */
public final class SteadyClock extends Clock {

    /** Less than that is the drift of two good clocks. */
    private static final Duration STEP = Duration.ofSeconds(2);

    private static final SteadyClock SYSTEM = new SteadyClock(Clock.systemUTC(), System::nanoTime);

    private final Clock wall;

    private final LongSupplier nanos;

    private final Instant start;

    private final long startNanos;

    private volatile boolean stepped;

    /**
     * @param wall the clock that may be set
     * @param nanos the time that passes, in nanoseconds since whenever
     */
    public SteadyClock(Clock wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        start = wall.instant();
        startNanos = nanos.getAsLong();
    }

    /** The one of this process: who compares two times must have them from the same clock. */
    public static SteadyClock system() {
        return SYSTEM;
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.getAsLong() - startNanos);
    }

    /** How far the machine's clock was set forward since the start; negative when it was set back, zero when neither. */
    public Duration step() {
        Duration ahead = Duration.between(instant(), wall.instant());
        if (ahead.abs().compareTo(STEP) <= 0) {
            return Duration.ZERO;
        }
        stepped = true;
        return ahead;
    }

    /** Whether somebody has set the machine's clock since the start, perhaps for a moment, as far as {@link #step} has seen. */
    public boolean hasStepped() {
        step();
        return stepped;
    }

    /** What the machine's clock, as it goes now, tells of a time that this one has told. */
    public Instant toWall(Instant time) {
        return time.plus(step());
    }

    @Override
    public ZoneId getZone() {
        return wall.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new SteadyClock(wall.withZone(zone), nanos);
    }
}
