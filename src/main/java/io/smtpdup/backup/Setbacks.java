package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import io.smtpdup.delivery.DeliveryException;

/**
 * What is remembered of copies that came back although their backup has spoken: the route could not put them where they
 * belong, or the broker did not take note. The backup is not asked the same again, and each next try comes after a longer
 * pause. Copies are known by the name that the broker gave their message. Safe for use by several threads.
 */
public final class Setbacks {

    /** More copies than that cannot be told apart; their backup then waits as a whole. */
    static final int MOST = 2000;

    private static final int ENDED_KNOWN = 1000;

    /**
     * A copy that could not be put where it belongs.
     *
     * @param verdict what the backup said that needs no saying again; null when it may be asked again
     * @param cause why the copy could not be put away
     * @param times how often that was so
     * @param due when it is tried again
     * @param waiting whether we have put it aside until then
     */
    record Setback(DeliveryException verdict, String cause, int times, Instant due, boolean waiting) {

        Setback asWaiting() {
            return new Setback(verdict, cause, times, due, true);
        }
    }

    /**
     * How a copy ended that should not be seen again.
     *
     * @param failure null when it was delivered
     */
    private record Ended(Exception failure) {
    }

    private final Map<String, Setback> stuck = new LinkedHashMap<>();

    private final Map<String, Ended> ended = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ended> eldest) {
            return size() > ENDED_KNOWN;
        }
    };

    private final Returned returned = new Returned();

    /** What the backup has said to copies that went back as they are. */
    Returned returned() {
        return returned;
    }

    /** The copy is where it belongs, as far as its route knows; it is there for sure when it does not come back. */
    synchronized void end(String key, Exception failure) {
        stuck.remove(key);
        ended.put(key, new Ended(failure));
    }

    /** Whether the copy was delivered before, and comes only because the broker did not take note of it. */
    synchronized boolean isDelivered(String key) {
        return ended.containsKey(key) && ended.get(key).failure() == null;
    }

    /** What is known of a copy that comes out of its queue; empty when it may go on. */
    synchronized Optional<Setback> of(String key, Gate.Policy policy, Instant now) {
        Ended before = ended.remove(key);
        if (before != null && before.failure() != null) {
            add(key, before.failure(), "the broker did not keep what became of it", policy, now);
        }
        return Optional.ofNullable(stuck.get(key));
    }

    /**
     * The copy goes back into its queue because it could not be put where it belongs.
     *
     * @param failure what had ended its try; may be null
     * @return what is known now
     */
    synchronized Setback add(String key, Exception failure, String cause, Gate.Policy policy, Instant now) {
        Setback before = stuck.get(key);
        DeliveryException verdict = failure instanceof DeliveryException delivery && Undelivered.isFinal(delivery) ? delivery
                : before == null ? null : before.verdict();
        if (verdict != null) {
            verdict.setStackTrace(new StackTraceElement[0]); // it may be kept for long, and so may a thousand others
        }
        int times = before == null ? 1 : before.times() + 1;
        Duration pause = Backoff.pause(policy.probeFirst(), policy.probeLongest(), times - 1);
        Setback setback = new Setback(verdict, cause, times, now.plus(pause), false);
        stuck.put(key, setback);
        return setback;
    }

    /** The copy lies in its queue until it is due. */
    synchronized void putAside(String key) {
        stuck.computeIfPresent(key, (same, setback) -> setback.asWaiting());
    }

    synchronized void forget(String key) {
        stuck.remove(key);
    }

    /** Of how many copies there is something to remember. */
    public synchronized int size() {
        return stuck.size();
    }

    /** Why the latest could not be put away; null when there is none. */
    public synchronized String cause() {
        String cause = null;
        for (Setback setback : stuck.values()) {
            cause = setback.cause();
        }
        return cause;
    }
}
