package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;

/**
 * Stands between a backup's queue and the backup, and lets copies through when it is their turn: all of them while the
 * backup answers, one at a time with growing pauses while it is away, none while it is paused. A copy that waits here is
 * still in its queue. Each {@link #enter} that returns is followed by one {@link #leave}.
 */
public final class Gate {

    /** What a backup is doing, as operators see it. */
    public enum State {
        /** It answers, as far as we know. */
        ACTIVE,
        /** It cannot be reached, is silent, or says 421. */
        AWAY,
        /** An operator wants it to get nothing. */
        PAUSED
    }

    /**
     * How the operator wants the backup to be treated.
     *
     * @param rate mails a minute, 0 for no limit
     * @param probeFirst the pause before the first try of a backup that is away; doubles with each failure
     * @param probeLongest the longest such pause
     * @param retryFor how old a copy may get
     */
    public record Policy(int rate, Duration probeFirst, Duration probeLongest, Duration retryFor) {

        /** As the settings say for this backup. */
        static Policy of(Settings settings, Destination backup) {
            return new Policy(settings.rate(backup), settings.probeFirst(), settings.probeLongest(), settings.retryFor(backup));
        }
    }

    /**
     * What is to be seen from outside.
     *
     * @param since when it came into this state
     * @param lastError the latest trouble with the server itself, null for none since the start
     * @param lastErrorAt null exactly when there is no error
     * @param nextProbe when a backup that is away is tried again; null in other states
     * @param held the copies that are being sent or wait here, in the order they came
     */
    public record Snapshot(
            String name, String address, State state, Instant since, String lastError, Instant lastErrorAt, Instant nextProbe, List<Held> held) {
    }

    private final String name;

    private final String address;

    private final Clock clock;

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();

    private final List<Held> held = new ArrayList<>();

    private volatile boolean closed;

    private volatile boolean paused;

    private int pauses;

    private volatile boolean away;

    private Instant since;

    /** Away by our own doing: copies cannot be put away, whatever the backup says. */
    private boolean stuck;

    private final Setbacks setbacks = new Setbacks();

    private Held prober;

    private Instant nextProbe;

    private int failedProbes;

    private final Stumbles stumbles = new Stumbles();

    private String lastError;

    private Instant lastErrorAt;

    /** By the system's monotonic clock, in nanoseconds: when the rate allows the next copy. */
    private long nextPass = System.nanoTime();

    Gate(String name, String address, Clock clock) {
        this.name = name;
        this.address = address;
        this.clock = clock;
        since = clock.instant();
    }

    /** The backup's name, as in its queue's. */
    public String name() {
        return name;
    }

    /** The copies that could not be put where they belong. */
    public Setbacks setbacks() {
        return setbacks;
    }

    /** Host and port, as the log and the metrics show the backup. */
    public String address() {
        return address;
    }

    /**
     * Waits for the copy's turn.
     *
     * @return whether the copy may be tried; false when it got too old while its backup was away
     * @throws GateClosedException when the relay stops, or the backup is paused meanwhile: the copy belongs back into its queue
     */
    boolean enter(Held copy, Policy policy) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            held.add(copy);
            boolean entered = false;
            try {
                boolean turn = awaitTurn(copy, policy);
                entered = true;
                return turn;
            } finally {
                if (!entered) {
                    held.remove(copy);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitTurn(Held copy, Policy policy) throws InterruptedException {
        int pausesBefore = pauses;
        while (true) {
            if (closed || pauses != pausesBefore) {
                throw new GateClosedException(name);
            }
            if (paused) {
                change.await();
            } else if (away) {
                if (copy.isOlderThan(policy.retryFor(), clock.instant())) {
                    return false;
                }
                if (prober == null && !clock.instant().isBefore(nextProbe)) {
                    prober = copy;
                    copy.trying(true);
                    return true;
                }
                change.await(untilProbeOrOld(copy, policy).toMillis() + 1, TimeUnit.MILLISECONDS);
            } else {
                long wait = nextPass - System.nanoTime();
                if (wait <= 0) {
                    pass(policy);
                    copy.trying(true);
                    return true;
                }
                change.awaitNanos(wait);
            }
        }
    }

    /** At most as long as nothing can change by itself. */
    private Duration untilProbeOrOld(Held copy, Policy policy) {
        Instant old = copy.acceptedAt().plus(policy.retryFor());
        Instant next = prober == null && nextProbe.isBefore(old) ? nextProbe : old;
        Duration wait = Duration.between(clock.instant(), next);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private void pass(Policy policy) {
        if (policy.rate() > 0) {
            nextPass = Math.max(nextPass, System.nanoTime() - TimeUnit.SECONDS.toNanos(1))
                    + TimeUnit.MINUTES.toNanos(1) / policy.rate();
        }
    }

    /** The server took a copy, or refused one: it is there. */
    void leaveAnswered(Held copy) {
        leave(copy, () -> {
            open();
            stumbles.forget(copy.id());
        });
    }

    /** The copy was put away, or back, without a question to the server. */
    void leavePutAway(Held copy, boolean worked) {
        leave(copy, () -> {
            if (stuck && worked) {
                open();
            }
        });
    }

    private void open() {
        if (away) {
            away = false;
            since = clock.instant();
        }
        stuck = false;
        failedProbes = 0;
    }

    /** Copies cannot be put away, so that no other one shall be given to the server for a while. */
    void leaveStuck(Held copy, Duration pause, String error) {
        leave(copy, () -> {
            trouble(error);
            if (!away) {
                away = true;
                stuck = true;
                since = lastErrorAt;
            }
            nextProbe = lastErrorAt.plus(pause);
        });
    }

    /** Something went wrong that an operator should hear of. */
    void trouble(String error) {
        change(() -> {
            lastError = error;
            lastErrorAt = clock.instant();
        });
    }

    /** The server is the trouble; no other copy fares better now. */
    void leaveAway(Held copy, Policy policy, String error) {
        leave(copy, () -> {
            trouble(error);
            stuck = false;
            if (!away) {
                away = true;
                since = lastErrorAt;
                failedProbes = 0;
            } else if (prober != copy) {
                return; // it was on its way already when another one found out
            }
            nextProbe = lastErrorAt.plus(Backoff.pause(policy.probeFirst(), policy.probeLongest(), failedProbes));
            failedProbes++;
        });
    }

    /** Nothing was learned about the server. */
    void leave(Held copy) {
        leave(copy, () -> { });
    }

    private void leave(Held copy, Runnable lesson) {
        lock.lock();
        try {
            lesson.run();
            held.remove(copy);
            if (prober == copy) {
                prober = null;
            }
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a server that stumbled over a copy may be stumbling over this copy alone, because it did so several times,
     * however others fared in between. Counts.
     */
    boolean isStumblingOver(String id) {
        return stumbles.add(id);
    }

    /** Lets a backup that is away be tried at once. */
    public void retryNow() {
        change(() -> {
            if (away) {
                nextProbe = clock.instant();
                failedProbes = 0;
                prober = null; // it may hang at the backup for minutes
            }
        });
    }

    /**
     * Lets nothing through any more; copies on their way go on. Those that wait here go back into their queue, where they can
     * be moved and deleted; called again, it sends those back that have come meanwhile.
     */
    public void pause() {
        change(() -> {
            pauses++;
            if (!paused) {
                paused = true;
                since = clock.instant();
            }
        });
    }

    /** Ends a {@link #pause}. Does nothing without one. */
    public void resume() {
        change(() -> {
            if (paused) {
                paused = false;
                since = clock.instant();
            }
        });
    }

    /** Whether the relay stops, so that what happens to a copy may be our doing. */
    boolean isClosed() {
        return closed;
    }

    /** Sends everybody who waits away, for good. */
    void close() {
        change(() -> closed = true);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Paused tells, away or not: what an operator did comes first. */
    public State state() {
        return paused ? State.PAUSED : away ? State.AWAY : State.ACTIVE;
    }

    /** Everything at one moment. */
    public Snapshot snapshot() {
        lock.lock();
        try {
            State state = state();
            return new Snapshot(name, address, state, since, lastError, lastErrorAt,
                    state == State.AWAY && prober == null ? nextProbe : null, List.copyOf(held));
        } finally {
            lock.unlock();
        }
    }
}
