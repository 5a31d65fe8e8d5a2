package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;

/**
 * Stands between a backup's queue and the backup, and lets copies through when it is their turn: all of them while the
 * backup answers, one at a time with growing pauses while it is away, and no more than its rate allows. A copy that waits here
 * is still in its queue. Each {@link #enter} that returns is followed by one {@link #leave}.
 *
 * <p>Whether the backup is away, and when the next copy may pass, nobody knows but the gate. Whether it is paused its queue
 * knows, which gives out nothing then; the gate hears of it, sends those that wait here back, and stops nobody.
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
            String name, String address, State state, Instant since, String lastError, Instant lastErrorAt, Instant nextProbe,
            List<Held> held) {
    }

    private final String name;
    private final String address;
    private final Clock clock;
    private final boolean elsewhere;
    private volatile Policy policy;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();

    private final List<Held> held = new ArrayList<>();
    private final Absence absence = new Absence();
    private final Stumbles stumbles = new Stumbles();
    private final Setbacks setbacks = new Setbacks();

    private volatile boolean closed;
    private volatile int most = Integer.MAX_VALUE;

    /** Whether the queue was paused when it was looked at last: for those who ask, no copy is stopped by it. */
    private boolean paused;

    /** How often those that waited were sent back. */
    private int sentBack;

    private State seen = State.ACTIVE;
    private Instant since;
    private String lastError;
    private Instant lastErrorAt;

    /** By the system's monotonic clock, in nanoseconds: when the rate allows the next copy. */
    private long nextPass = System.nanoTime();

    Gate(String name, String address, Policy policy, Clock clock) {
        this.name = name;
        this.address = address;
        elsewhere = Destination.nameOf(address).filter(name::equals).isEmpty();
        this.policy = policy;
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

    /** Host and port. */
    public String address() {
        return address;
    }

    /** Whether the copies go to another server than the one they were meant for, because an operator wants that. */
    boolean isElsewhere() {
        return elsewhere;
    }

    Policy policy() {
        return policy;
    }

    void treat(Policy newPolicy) {
        if (!policy.equals(newPolicy)) {
            change(() -> policy = newPolicy);
        }
    }

    /** Lets no more copies be on their way at a time than that, while some are that were taken out before a reload. */
    void atATime(int copies) {
        change(() -> most = copies);
    }

    boolean enter(Held copy) throws InterruptedException {
        return enter(copy, () -> Taking.ON);
    }

    /**
     * Waits for the copy's turn.
     *
     * @param taking what they do who have taken it out of its queue; changes before a {@link #look}
     * @return whether the copy may be tried; false when it got too old while its backup was away
     * @throws BackToQueueException when they stop, or the queue is paused meanwhile: the copy belongs back into its queue
     */
    boolean enter(Held copy, Supplier<Taking> taking) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            held.add(copy.takenBy(taking));
            boolean entered = false;
            try {
                boolean turn = awaitTurn(copy, taking);
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

    private boolean awaitTurn(Held copy, Supplier<Taking> taking) throws InterruptedException {
        int sentBackBefore = sentBack;
        while (true) {
            if (closed || taking.get() == Taking.ENDED || sentBack != sentBackBefore) {
                throw new BackToQueueException("no copy has its turn now; this one stays in the queue of " + name);
            }
            if (taking.get() == Taking.NOT_YET) {
                change.await();
            } else if (absence.isAway()) {
                if (copy.isOlderThan(policy.retryFor(), clock.instant())) {
                    return false;
                }
                if (absence.mayAsk(copy, clock.instant())) {
                    copy.trying(true);
                    return true;
                }
                change.await(untilProbeOrOld(copy).toMillis() + 1, TimeUnit.MILLISECONDS);
            } else if (held.stream().anyMatch(Held::isLeftOver) && held.stream().filter(Held::isTrying).count() >= most) {
                change.await();
            } else {
                long wait = nextPass - System.nanoTime();
                if (wait <= 0) {
                    pass();
                    copy.trying(true);
                    return true;
                }
                change.awaitNanos(wait);
            }
        }
    }

    /** At most as long as nothing can change by itself. */
    private Duration untilProbeOrOld(Held copy) {
        Instant old = copy.acceptedAt().plus(policy.retryFor());
        Instant probe = absence.nextProbe();
        Duration wait = Duration.between(clock.instant(), probe != null && probe.isBefore(old) ? probe : old);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private void pass() {
        if (policy.rate() > 0) {
            nextPass = Math.max(nextPass, System.nanoTime() - TimeUnit.SECONDS.toNanos(1))
                    + TimeUnit.MINUTES.toNanos(1) / policy.rate();
        }
    }

    /** The server took a copy, or refused one: it is there. */
    void leaveAnswered(Held copy) {
        leave(copy, () -> {
            absence.end();
            stumbles.forget(copy.id());
        });
    }

    /** The copy was put away, or back, without a question to the server. */
    void leavePutAway(Held copy, boolean worked) {
        leave(copy, () -> {
            if (worked) {
                absence.endIfStuck();
            }
        });
    }

    /** Copies cannot be put away, so that no other one shall be given to the server for a while. */
    void leaveStuck(Held copy, Duration pause, String error) {
        leave(copy, () -> {
            trouble(error);
            absence.stuckUntil(lastErrorAt.plus(pause));
        });
    }

    /**
     * The server is the trouble; no other copy fares better now.
     *
     * @param comesAgain whether the copy goes back to the head of its queue
     * @param stumbled whether the server had taken up this copy, so that the copy may be the reason
     */
    void leaveAway(Held copy, String error, boolean comesAgain, boolean stumbled) {
        leave(copy, () -> {
            trouble(error);
            absence.foundBy(copy, policy, lastErrorAt);
            if (!comesAgain) {
                stumbles.forget(copy.id());
            } else if (stumbled) {
                stumbles.add(copy.id());
            }
        });
    }

    /** Nothing was learned about the server. */
    void leave(Held copy) {
        leave(copy, () -> { });
    }

    private void leave(Held copy, Runnable lesson) {
        change(() -> {
            lesson.run();
            held.remove(copy);
            absence.left(copy);
        });
    }

    /** Something went wrong that an operator should hear of. */
    void trouble(String error) {
        change(() -> {
            lastError = error;
            lastErrorAt = clock.instant();
        });
    }

    /**
     * Whether a server that has just stumbled over a copy may be stumbling over this copy alone, because it has done so several
     * times, however others fared in between.
     */
    boolean isStumblingOver(Held copy) {
        return stumbles.isLast(copy.id());
    }

    /** Lets a backup that is away be tried at once. */
    public void retryNow() {
        change(() -> absence.askNow(clock.instant()));
    }

    /**
     * Hears whether the queue is paused. Copies that wait here go back into a queue that is, where they can be moved and deleted;
     * called again, it sends those back that have come meanwhile. Copies on their way go on.
     */
    public void queueIsPaused(boolean now) {
        change(() -> {
            paused = now;
            sentBack += now ? 1 : 0;
        });
    }

    /** Has those who wait look again whether they are to end. */
    void look() {
        change(() -> { });
    }

    /** Sends everybody who waits away, for good. */
    void close() {
        change(() -> closed = true);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            if (seen != state()) {
                seen = state();
                since = clock.instant();
            }
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Paused tells, away or not: what an operator did comes first. */
    public State state() {
        lock.lock();
        try {
            return paused ? State.PAUSED : absence.isAway() ? State.AWAY : State.ACTIVE;
        } finally {
            lock.unlock();
        }
    }

    /** Everything at one moment. */
    public Snapshot snapshot() {
        lock.lock();
        try {
            State state = state();
            return new Snapshot(name, address, state, since, lastError, lastErrorAt,
                    state == State.AWAY ? absence.nextProbe() : null, List.copyOf(held));
        } finally {
            lock.unlock();
        }
    }
}
