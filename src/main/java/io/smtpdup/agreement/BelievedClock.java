package io.smtpdup.agreement;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The machine's clock, as far as it can be believed: one that was set far ahead would have everything forgotten that counts. By how much it
 * was set shows beside a clock that nobody can set. For one thread.
 */
final class BelievedClock {

    /** A comparison that is further ahead of the clock would count longer than it should, and hide what comes until then. */
    private static final long AHEAD = Duration.ofDays(1).toMillis();

    private static final long DAY = AHEAD;

    private final Clock wall;

    private final Clock steady;

    /** What is further ahead than that pushes days that count out of a recipient's row. */
    private final long fits;

    private final Consumer<String> says;

    /** The clock that nobody can set began wrong, so the other one is the better. */
    private boolean wrongFromTheStart;

    private boolean asked;

    private boolean said;

    BelievedClock(Clock wall, Clock steady, Duration retain, Consumer<String> says) {
        this.wall = wall;
        this.steady = steady;
        this.says = says;
        fits = AgreementSettings.LONGEST_RETAIN.plusDays(2).minus(retain).toMillis();
    }

    /** When the last comparison of the process before was made: a clock that begins long before that is wrong. The first word counts. */
    void knowsOf(long recorded) {
        wrongFromTheStart |= !asked && recorded > steady.millis() + AHEAD;
        asked = true;
    }

    /** The time by which something is too old: the machine's, or that which has passed where somebody has set that far ahead. */
    long millis() {
        long now = wall.millis();
        long passed = steady.millis();
        boolean jumped = !wrongFromTheStart && now > passed + AHEAD;
        if (jumped && !said) {
            says.accept("agreement: the machine's clock was set ahead by " + (now - passed) / DAY + " days; until it is set back, or until"
                    + " the next start, nothing gets too old by it");
        }
        said = jumped;
        return jumped ? passed : now;
    }

    /** A comparison that was made later than that is not recorded. */
    long latest() {
        long latest = wall.millis() + AHEAD;
        return wrongFromTheStart ? latest : Math.min(latest, steady.millis() + fits);
    }
}
