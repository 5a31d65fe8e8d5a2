package io.smtpdup.backup;

import java.time.Instant;

/** Whether a backup is away, and which copy asks next whether it is back. Guarded by the lock of its {@link Gate}. */
final class Absence {

    private boolean away;

    /** Away by our own doing: copies cannot be put away, whatever the backup says. */
    private boolean stuck;

    /** The copy that asks; null while none does. */
    private Held prober;

    private Instant nextProbe = Instant.MIN;

    private int failedProbes;

    boolean isAway() {
        return away;
    }

    /** The backup has answered. A copy that still asks may hang for minutes, and asks for nobody in the next absence. */
    void end() {
        away = false;
        stuck = false;
        prober = null;
        failedProbes = 0;
    }

    /** A copy could be put away. */
    void endIfStuck() {
        if (stuck) {
            end();
        }
    }

    /** Copies cannot be put away, so that no other one shall be given to the server before then. */
    void stuckUntil(Instant end) {
        if (!away) {
            away = true;
            stuck = true;
        }
        nextProbe = end;
    }

    /** A copy has found that the server is the trouble; no other copy fares better now. */
    void foundBy(Held copy, Gate.Policy policy, Instant now) {
        stuck = false;
        if (!away) {
            away = true;
            failedProbes = 0;
        } else if (prober != copy) {
            return; // it was on its way already when another one found out
        }
        nextProbe = now.plus(Backoff.pause(policy.probeFirst(), policy.probeLongest(), failedProbes));
        failedProbes++;
    }

    /** Whether this copy may ask now; then no other one does until it has {@link #left}. */
    boolean mayAsk(Held copy, Instant now) {
        if (prober != null || now.isBefore(nextProbe)) {
            return false;
        }
        prober = copy;
        return true;
    }

    void left(Held copy) {
        if (prober == copy) {
            prober = null;
        }
    }

    /** Has the next copy ask, also when another one still does: that may hang at the backup for minutes. */
    void askNow(Instant now) {
        if (away) {
            nextProbe = now;
            failedProbes = 0;
            prober = null;
        }
    }

    /** When the next copy may ask; null while one does, or the backup is there. */
    Instant nextProbe() {
        return away && prober == null ? nextProbe : null;
    }
}
