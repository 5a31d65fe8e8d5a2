package io.smtpdup.backup;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Destination;
import io.smtpdup.delivery.HostResolver;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.TraceFields;
import io.smtpdup.net.HostPort;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.Arrivals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the backups keep quiet: counts and names mail that comes to the relay from a backup's address and that a server has written by
 * itself, or that has passed the relay before. Only the address tells whose mail it is, because anybody can write header fields; what
 * comes from an address that the primary has too, or from 127.0.0.1, is a backup's only when the client greets with the name that
 * the backup alone gives itself. The mail itself is treated as any other.
 */
public final class QuietCheck implements Arrivals, AutoCloseable {

    /** What a mail is. */
    public enum Kind {
        /** It has passed the relay before. */
        LOOP,
        /** A null reverse-path. */
        BOUNCE,
        /** Auto-Submitted. */
        AUTOMATIC,
        /** A report, which has a sender all the same. */
        RECEIPT
    }

    private static final Logger LOG = LoggerFactory.getLogger(QuietCheck.class);

    private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "0:0:0:0:0:0:0:1");

    private final Map<String, Destination> backups = new LinkedHashMap<>();

    private final HostPort primary;

    private final HostResolver resolver;

    private final UnaryOperator<String> greetings;

    private final Map<String, Map<Kind, LongAdder>> counts = new HashMap<>();

    /** What each host was found at last; one that cannot be found now is where it was. */
    private final Map<String, Set<InetAddress>> found = new ConcurrentHashMap<>();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "backup-addresses");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Map<InetAddress, List<String>> names = Map.of();

    /** Those at addresses that are not theirs alone. */
    private volatile Map<InetAddress, List<String>> shared = Map.of();

    private volatile Set<String> hidden = Set.of();

    /**
     * Knows the backups that are written as addresses; those with names from {@link #start} on.
     *
     * @param greetings what a server, by host and port, calls itself when it greets us; empty when that is not known
     */
    public QuietCheck(Destination primary, List<Destination> backups, HostResolver resolver, UnaryOperator<String> greetings) {
        this.primary = primary.hostPort();
        this.resolver = resolver;
        this.greetings = greetings;
        for (Destination backup : backups) {
            this.backups.put(backup.name(), backup);
            Map<Kind, LongAdder> own = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                own.put(kind, new LongAdder());
            }
            counts.put(backup.name(), own);
        }
        look(true);
    }

    /** Looks for the backups' addresses, now and every minute. */
    public void start() {
        if (!backups.isEmpty()) {
            timer.scheduleWithFixedDelay(() -> look(false), 0, 1, TimeUnit.MINUTES);
        }
    }

    /** @param addressesOnly whether names have to wait, because looking them up may take long */
    void look(boolean addressesOnly) {
        try {
            Set<InetAddress> ofPrimary = addresses(primary, addressesOnly);
            if (ofPrimary.isEmpty()) {
                return; // or what it shares with a backup would be the backup's alone
            }
            Map<InetAddress, List<String>> own = new HashMap<>();
            Map<InetAddress, List<String>> common = new HashMap<>();
            Set<String> unseen = new HashSet<>();
            for (Destination backup : backups.values()) {
                boolean seen = false;
                Set<InetAddress> all = addresses(backup.hostPort(), addressesOnly);
                for (InetAddress address : all) {
                    boolean its = !ofPrimary.contains(address) && !THIS_MACHINE.contains(address.getHostAddress());
                    (its ? own : common).computeIfAbsent(address, unused -> new ArrayList<>()).add(backup.name());
                    seen |= its;
                }
                if (!all.isEmpty() && !seen) {
                    unseen.add(backup.name());
                }
            }
            names = own;
            shared = common;
            hidden = unseen;
        } catch (RuntimeException e) {
            LOG.debug("the addresses of the backups cannot be found", e);
        }
    }

    private Set<InetAddress> addresses(HostPort place, boolean addressesOnly) {
        if (!addressesOnly || place.isAddress()) {
            try {
                found.put(place.host(), Set.copyOf(resolver.resolve(place.host())));
            } catch (UnknownHostException e) {
                LOG.debug("{} cannot be found", place.host(), e);
            }
        }
        return found.getOrDefault(place.host(), Set.of());
    }

    /** True for a client that is a backup. */
    @Override
    public boolean concerns(ClientIdentity client) {
        return !whose(client).isEmpty();
    }

    private List<String> whose(ClientIdentity client) {
        InetAddress address = client.address().getAddress();
        List<String> own = names.get(address);
        List<String> common = own == null ? shared.get(address) : null;
        return own != null ? own : common == null || client.helo() == null ? List.of()
                : common.stream().filter(name -> isCalled(client.helo(), backups.get(name).address())
                        && !isCalled(client.helo(), primary.toString())).toList();
    }

    /** Whether a server gives itself that name, which is one of a host in the DNS. */
    private boolean isCalled(String helo, String address) {
        return helo.indexOf('.') > 0 && List.of(greetings.apply(address).toLowerCase(Locale.ROOT).split("\\s+")).contains(
                helo.toLowerCase(Locale.ROOT));
    }

    @Override
    public void arrived(String id, ClientIdentity client, Envelope envelope, TraceFields fields) {
        Kind kind = fields.hasPassedUs() ? Kind.LOOP : envelope.reversePath().isEmpty() ? Kind.BOUNCE
                : fields.isAutomatic() ? Kind.AUTOMATIC : fields.isReport() ? Kind.RECEIPT : null;
        if (kind == null) {
            return;
        }
        for (String name : whose(client)) {
            counts.get(name).get(kind).increment();
            MailLog.echo(id, client.address().getAddress(), backups.get(name).address(), text(kind), envelope.reversePath());
        }
    }

    /** How many mails of a backup's have passed the relay before, since the start. */
    public long loops(String backup) {
        return counts.containsKey(backup) ? counts.get(backup).get(Kind.LOOP).sum() : 0;
    }

    /** How many other mails a backup has sent by itself, since the start. */
    public long echoes(String backup) {
        Map<Kind, LongAdder> own = counts.getOrDefault(backup, Map.of());
        return own.keySet().stream().filter(kind -> kind != Kind.LOOP).mapToLong(kind -> own.get(kind).sum()).sum();
    }

    /** Whether a backup has no address of its own, so that nobody can see what it sends unless it greets with its name. */
    public boolean isHidden(String backup) {
        return hidden.contains(backup);
    }

    /** Shows it in the metrics. */
    public void bindTo(MeterRegistry registry) {
        counts.forEach((backup, own) -> own.forEach((kind, count) ->
                FunctionCounter.builder("smtpdup.backup.echoes", count, LongAdder::sum)
                        .description("Mails from a backup's address that it has written by itself, or that have passed the relay before")
                        .tag("backup", backup).tag("kind", text(kind)).register(registry)));
    }

    private static String text(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
