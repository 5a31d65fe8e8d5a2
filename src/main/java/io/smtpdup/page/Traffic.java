package io.smtpdup.page;

import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * What the relay's counters did lately, for each server: the last hour by the minute and the last day by ten minutes, however much mail
 * there was. Somebody has it {@link #sample} now and then. Safe for use by several threads.
 */
public final class Traffic {

    /** Minutes that are kept, the current one among them. */
    static final int MINUTES = 60;

    /** Tens of minutes that are kept, the current one among them. */
    static final int TENS = 144;

    private static final int MINUTE_SECONDS = 60;

    private static final int TEN_SECONDS = 600;

    /** A relay has a handful; what a route of somebody's own sends to is no reason to keep more. */
    private static final int MOST_SERVERS = 200;

    private final Map<String, Map<What, Long>> before = new HashMap<>();

    private final Map<String, Map<What, Track>> servers = new HashMap<>();

    private Instant first;

    private Instant last = Instant.EPOCH;

    /** What is counted of a server. */
    public enum What {
        /** It took a mail. */
        DELIVERED,
        /** It put a mail off, or nobody knows what it did. */
        DEFERRED,
        /** It refused a mail for good. */
        FAILED,
        /** A copy for it was given up. */
        DEAD
    }

    /** Numbers of the past, the oldest first; the last one is of the time that is not over. */
    record Past(long[] hour, long[] day) {

        Past and(Past other) {
            return new Past(sum(hour, other.hour), sum(day, other.day));
        }

        long lastHour() {
            return total(hour, hour.length);
        }

        long lastDay() {
            return total(day, day.length);
        }

        /** Of the last minutes, the current one among them. */
        long lastMinutes(int minutes) {
            return total(hour, minutes);
        }

        private static long total(long[] numbers, int last) {
            long total = 0;
            for (int i = numbers.length - last; i < numbers.length; i++) {
                total += numbers[i];
            }
            return total;
        }

        private static long[] sum(long[] one, long[] other) {
            long[] sum = one.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += other[i];
            }
            return sum;
        }
    }

    /** One number over time: two rings. */
    private static final class Track {

        private final Ring minutes = new Ring(MINUTES, MINUTE_SECONDS);

        private final Ring tens = new Ring(TENS, TEN_SECONDS);

        void add(long second, long more) {
            minutes.add(second, more);
            tens.add(second, more);
        }

        Past until(long second) {
            return new Past(minutes.until(second), tens.until(second));
        }
    }

    /** Numbers of as many stretches of time as it has places. */
    private static final class Ring {

        private final int seconds;

        private final long[] numbers;

        /** The latest stretch, since 1970. */
        private long head = Long.MIN_VALUE;

        Ring(int places, int seconds) {
            this.seconds = seconds;
            numbers = new long[places];
        }

        void add(long second, long more) {
            moveTo(second / seconds);
            numbers[(int) (head % numbers.length)] += more;
        }

        /** A clock that was set back adds to the latest stretch. */
        private void moveTo(long stretch) {
            if (head == Long.MIN_VALUE) {
                head = stretch;
            }
            for (long next = Math.max(head + 1, stretch - numbers.length + 1); next <= stretch; next++) {
                numbers[(int) (next % numbers.length)] = 0;
            }
            head = Math.max(head, stretch);
        }

        long[] until(long second) {
            moveTo(second / seconds);
            long[] ordered = new long[numbers.length];
            for (int i = 0; i < ordered.length; i++) {
                ordered[i] = numbers[(int) ((head - ordered.length + 1 + i) % ordered.length)];
            }
            return ordered;
        }
    }

    /**
     * Adds what has been counted since the sample before.
     *
     * @param totals since some start, by server; less than before means that the counter began anew
     */
    public synchronized void sample(Instant now, Map<String, Map<What, Long>> totals) {
        boolean begins = first == null;
        if (begins) {
            first = now;
        }
        last = now;
        totals.forEach((server, counts) -> {
            if (!servers.containsKey(server) && servers.size() >= MOST_SERVERS) {
                return;
            }
            Map<What, Long> known = before.computeIfAbsent(server, unused -> new EnumMap<>(What.class));
            counts.forEach((what, total) -> {
                Long earlier = known.put(what, total);
                long more = earlier == null || total < earlier ? total : total - earlier;
                if (more > 0) {
                    servers.computeIfAbsent(server, unused -> new EnumMap<>(What.class))
                            .computeIfAbsent(what, unused -> new Track()).add(now.getEpochSecond(), more);
                }
            });
        });
    }

    /** Since when there are numbers; null before the first sample. */
    synchronized Instant since() {
        return first;
    }

    /** When the latest sample was taken. */
    synchronized Instant until() {
        return last;
    }

    /** What is known of one server, until now. */
    synchronized Past of(String server, What what, Instant now) {
        Track track = servers.getOrDefault(server, Map.of()).get(what);
        return track == null ? new Past(new long[MINUTES], new long[TENS]) : track.until(now.getEpochSecond());
    }
}
