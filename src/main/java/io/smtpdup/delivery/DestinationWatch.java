package io.smtpdup.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Origin;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.ops.MailLog;

/**
 * What is seen of one server by who gives it mails: whether it answers, since when, what was wrong last, how long it takes and
 * what it says. A server that goes away or comes back is one line in the log, however many mails notice. Safe for use by
 * several threads.
 */
public final class DestinationWatch {

    /** Between two lines of a server that goes away again and again. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ofMinutes(5),
        Duration.ofMinutes(10)
    };

    private final String address;

    private final String role;

    private final SteadyClock clock = SteadyClock.system();

    private volatile Meters meters;

    private final MailShapes shapes;

    private volatile ServerFacts facts;

    private volatile IntSupplier recipients = () -> 0;

    private volatile boolean stopping;

    private final Seen seen;

    /** What is shared by those that watch the same server in the same role, before and after a reload; what is not volatile needs its lock. */
    private static final class Seen {

        private volatile boolean away;

        /** Mails that it has not taken since the last that it took. */
        private final AtomicInteger notTaken = new AtomicInteger();

        private volatile Instant takesNoneSince;

        private Instant since;

        private Instant told = Instant.MIN;

        private boolean untold;

        private String lastError;

        Seen(Instant since) {
            this.since = since;
        }

        /** As the server is in another role: whether it is there, but not what it has made of its mails. */
        synchronized Seen copy() {
            Seen copy = new Seen(since);
            copy.away = away;
            copy.told = told;
            copy.untold = untold;
            copy.lastError = lastError;
            return copy;
        }
    }

    /** Looked up once. */
    private record Meters(Map<Outcome, Counter> outcomes, Timer envelope, Timer message) {
    }

    /**
     * @param away whether the server did not answer the last time
     * @param since when that began; null errors for none since the start
     */
    public record Snapshot(String address, String role, boolean away, Instant since, String lastError) {
    }

    DestinationWatch(String address, String role) {
        this(address, role, new MailShapes(), new Seen(SteadyClock.system().instant()));
    }

    private DestinationWatch(String address, String role, MailShapes shapes, Seen seen) {
        this.address = address;
        this.role = role;
        this.shapes = shapes;
        this.seen = seen;
    }

    /** Another one that knows what this one knows now, and, in the same role, what either of them learns. */
    DestinationWatch as(String newRole) {
        DestinationWatch next = new DestinationWatch(address, newRole, shapes, newRole.equals(role) ? seen : seen.copy());
        next.facts = facts;
        int shown = recipients();
        next.recipients = () -> shown;
        return next;
    }

    public String address() {
        return address;
    }

    /** primary, backup or other. */
    public String role() {
        return role;
    }

    /** Everything at one moment. */
    public Snapshot snapshot() {
        synchronized (seen) {
            return new Snapshot(address, role, seen.away, seen.since, seen.lastError);
        }
    }

    /** What it showed of itself at the last connection; null before the first. */
    public ServerFacts facts() {
        return facts;
    }

    /** At most so many recipients in a transaction, as it has shown lately; 0 when it has not. */
    public int recipients() {
        return recipients.getAsInt();
    }

    /** What the mails were like that it has taken. */
    public MailShapes shapes() {
        return shapes;
    }

    /**
     * Since when it has taken no mail although it got several; null when it has, or hardly any came.
     *
     * @param several so many
     */
    public Instant takesNoneSince(int several) {
        return seen.notTaken.get() < several ? null : seen.takesNoneSince;
    }

    private void takesNone() {
        if (seen.notTaken.getAndIncrement() == 0) {
            seen.takesNoneSince = clock.instant();
        }
    }

    /** A connection was opened. */
    void opened(ServerFacts shown) {
        facts = shown;
    }

    /** @param limit as {@link #recipients} */
    void learnsFrom(IntSupplier limit) {
        recipients = limit;
    }

    /**
     * It has taken a mail of a client's.
     *
     * @param size null when that is not known
     */
    void took(Envelope envelope, Long size) {
        Origin origin = envelope.origin();
        shapes.add(clock.instant(), size == null ? 0 : size, envelope.forwardPaths().size(), Boolean.TRUE.equals(origin.eightBit()),
                envelope.smtpUtf8() && (Boolean.TRUE.equals(origin.eightBitHeader()) || envelope.isInternational()));
    }

    boolean isCounted() {
        return meters != null;
    }

    /** Shows it in the metrics, which may have been cleared since the last time. */
    public synchronized void bindTo(MeterRegistry registry) {
        Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, Counter.builder("smtpdup.delivery")
                    .description("Delivery attempts at a destination, by outcome")
                    .tag("destination", address).tag("outcome", outcome.name().toLowerCase(Locale.ROOT)).register(registry));
        }
        Gauge.builder("smtpdup.destination.up", this, watch -> watch.seen.away ? 0 : 1)
                .description("Whether the destination answered the last mail for it").tag("destination", address)
                .tag("role", role).register(registry);
        if ("primary".equals(role)) { // a backup's is its gate's, which may be paused
            for (boolean gone : new boolean[] {false, true}) {
                Gauge.builder("smtpdup.destination.state", this, watch -> watch.seen.away == gone ? 1 : 0)
                        .description("1 for the state the destination is in, 0 for the others").tag("destination", address)
                        .tag("state", gone ? "away" : "active").register(registry);
            }
        }
        meters = new Meters(outcomes, timer(registry, "envelope"), timer(registry, "message"));
    }

    private Timer timer(MeterRegistry registry, String stage) {
        return Timer.builder("smtpdup.delivery.duration")
                .description("How long destinations take: for MAIL with connecting, while the client waits (envelope); for all that a"
                        + " route's step does (message)")
                .serviceLevelObjectives(BUCKETS).tag("destination", address).tag("role", role).tag("stage", stage)
                .register(registry);
    }

    /** The server has taken a mail. */
    void delivered(long nanos) {
        count(Outcome.DELIVERED, nanos);
        if (seen.notTaken.get() != 0) {
            seen.notTaken.set(0);
        }
        answered();
    }

    /** A mail was not delivered, or nobody knows. */
    void failed(DeliveryException failure, long nanos) {
        count(failure.outcome(), nanos);
        takesNone();
        if (failure.isDestinationAway()) {
            lost(failure.getMessage());
        } else if (failure.isWithinMail()) {
            answered();
        }
    }

    /** A mail came to its end at MAIL or RCPT, with the server's own word. */
    void refused(boolean forGood) {
        count(forGood ? Outcome.FAILED : Outcome.DEFERRED, -1);
        takesNone();
        answered();
    }

    /** How long a client has waited for the answer to MAIL. */
    void waited(long nanos) {
        if (meters != null) {
            meters.envelope().record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** What fails from now on is our own doing. */
    void stop() {
        stopping = true;
    }

    private void count(Outcome outcome, long nanos) {
        Meters known = meters;
        if (known != null) {
            known.outcomes().get(outcome).increment();
            if (nanos >= 0) {
                known.message().record(nanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    /** The server is there. */
    void answered() {
        if (!seen.away) {
            return;
        }
        synchronized (seen) {
            if (seen.away) {
                seen.away = false;
                Instant now = clock.instant();
                if (!seen.untold) {
                    MailLog.back(address, role, Duration.between(seen.since, now).toSeconds());
                }
                seen.since = now;
            }
        }
    }

    private void lost(String error) {
        if (stopping) {
            return;
        }
        synchronized (seen) {
            Instant now = clock.instant();
            seen.lastError = error;
            if (!seen.away) {
                seen.away = true;
                seen.untold = true;
                seen.since = now;
            }
            if (seen.untold && (seen.told == Instant.MIN || now.isAfter(seen.told.plus(SILENCE)))) {
                seen.untold = false;
                seen.told = now;
                MailLog.away(address, role, error);
            }
        }
    }
}
