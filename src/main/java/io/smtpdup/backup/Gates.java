package io.smtpdup.backup;

import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.backup.Setbacks.Setback;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.ops.DeliveryTry;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.DamagedCopyException;
import io.smtpdup.spool.Delivery;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultMessage;
import org.apache.camel.support.SynchronizationAdapter;

/** The first step of every backup's route, where copies wait for their turn; the bean {@code gates}, by way of {@link EarlierRoutes}. */
public class Gates {

    private final Settings settings;

    private final Undelivered undelivered;

    private final Verdicts verdicts;

    private final Clock clock;

    private final SharedGates shared;

    private final Map<String, Gate> gates = Collections.synchronizedMap(new LinkedHashMap<>());

    private ProducerTemplate producer;

    private volatile boolean closed;

    private volatile Taking taking;

    public Gates(Settings settings, Undelivered undelivered, Verdicts verdicts, Clock clock) {
        this(settings, undelivered, verdicts, clock, new SharedGates());
        taking = Taking.ON;
    }

    /** @param shared has the gates that are there already, which are treated as before, and let none of our copies through, until {@link #apply} */
    public Gates(Settings settings, Undelivered undelivered, Verdicts verdicts, Clock clock, SharedGates shared) {
        this.shared = shared;
        taking = Taking.NOT_YET;
        this.settings = settings;
        this.undelivered = undelivered;
        this.verdicts = verdicts;
        this.clock = clock;
        settings.backups().forEach(backup -> gate(backup.name(), backup));
    }

    private Gate gate(String name, Destination server) {
        return gates.computeIfAbsent(name, unused -> shared.of(name, server.address(), () -> treated(
                new Gate(name, server.address(), Gate.Policy.of(settings, server), clock), server)));
    }

    private Gate treated(Gate gate, Destination server) {
        gate.treat(Gate.Policy.of(settings, server));
        gate.atATime(Math.min(settings.concurrency(server), settings.connections(server)));
        return gate;
    }

    /** Adds a gate, also for a queue that no backup of the list has. */
    public Gate add(String name, Destination server) {
        return treated(gate(name, server), server);
    }

    /** Treats the backups as the settings say from now on, those that are added later as well. */
    public void apply() {
        settings.backups().forEach(backup -> add(backup.name(), backup));
        turnTo(Taking.ON);
    }

    /** The gate of a backup, by {@link Destination#name()}; empty when there is no such backup. */
    public Optional<Gate> gate(String name) {
        return Optional.ofNullable(gates.get(name));
    }

    /** All of them, in the order of the list of backups. */
    public Collection<Gate> all() {
        synchronized (gates) {
            return List.copyOf(gates.values());
        }
    }

    /** Tells each gate whether its queue is paused, perhaps by way of another relay or since before a restart. */
    public void follow(Collection<QueueState> queues) {
        for (QueueState queue : queues) {
            Gate gate = queue.name().startsWith(QueueNames.WAITING) ? gates.get(QueueNames.backup(queue.name())) : null;
            if (gate != null) {
                gate.queueIsPaused(queue.paused());
            }
        }
    }

    /** Shows the states in the metrics. */
    public void bindTo(MeterRegistry meters, List<Destination> backups) {
        backups.forEach(backup -> bindTo(meters, gates.get(backup.name())));
    }

    /** Shows one gate's state in the metrics. */
    public void bindTo(MeterRegistry meters, Gate gate) {
        Gauge.builder("smtpdup.copies.stuck", gate, shown -> shown.setbacks().size())
                .description("Copies whose outcome could not be stored, as a dead letter or back in the queue")
                .tag("destination", gate.address())
                .register(meters);
        for (Gate.State state : Gate.State.values()) {
            Gauge.builder("smtpdup.destination.state", gate, shown -> shown.state() == state ? 1 : 0)
                    .description("1 for the state the destination is in, 0 for the others")
                    .tag("destination", gate.address())
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
    }

    /**
     * Waits for the copy's turn, and minds what becomes of it.
     *
     * @param name the backup's, which the settings say how to treat
     * @throws BackToQueueException when the relay stops, or the queue is paused meanwhile
     * @throws DamagedCopyException when there is no whole mail in the exchange, which waits for nothing
     * @throws DeliveryException when the copy got too old while its backup was away
     */
    public void enter(Exchange exchange, String name) throws Exception {
        DamagedCopies.requireWhole(exchange);
        Gate gate = gate(name).orElseThrow(() -> new IllegalArgumentException("no backup has the name " + name));
        Message copy = exchange.getMessage();
        Held.mindAge(copy, gate.policy().retryFor(), clock.instant());
        Held held = new Held(copy, clock.instant());
        Passage passage = new Passage(gate, held, verdicts.ending(gate, held), copy, () -> closed);
        passage.bind(exchange);
        gate.setbacks().returned().remind(passage.key(), copy);
        DeliveryTry.tell(exchange, passage.held().copy().attempts() + 1, passage.held().acceptedAt());
        boolean turn = gate.enter(passage.held(), this::taking);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                passage.end(done, clock.instant());
            }
        });
        if (gate.setbacks().isDelivered(passage.key())) {
            passage.skipBackup();
            exchange.setRouteStop(true);
        } else if (!isLater(exchange, passage) && !turn) {
            throw passage.tooOld();
        }
    }

    /** Whether this is a copy that waits some more because it could not be put away. When the backup has spoken, throws that. */
    private boolean isLater(Exchange exchange, Passage passage) throws DeliveryException {
        Instant now = clock.instant();
        Optional<Setback> known = passage.gate().setbacks().of(passage.key(), passage.gate().policy(), now);
        if (known.isEmpty()) {
            return false;
        }
        Setback setback = known.get();
        boolean cameBack = exchange.getMessage().getHeader(CopyConstants.TAKEN, 1, Integer.class) > 1;
        if (now.isBefore(setback.due()) && (cameBack || !setback.waiting())) {
            passage.skipBackup();
            putAside(exchange, passage, setback, now);
            return true;
        }
        if (setback.verdict() != null) {
            passage.skipBackup();
            throw setback.verdict();
        }
        return false;
    }

    /** Into its own queue until it is due, by our own hand: the route's steps have failed. */
    private void putAside(Exchange exchange, Passage passage, Setback setback, Instant now) {
        if (setback.waiting()) { // the broker has not kept it the last time
            throw passage.hold(passage.gate().setbacks().add(passage.key(), null, setback.cause(), passage.gate().policy(), now), now);
        }
        Message later = new DefaultMessage(exchange.getContext());
        later.copyFrom(exchange.getMessage());
        later.setHeader(CopyConstants.STUCK, passage.key());
        undelivered.putAside(later, setback);
        Exchange sent = producer(exchange.getContext()).send(Backups.SCHEME + QueueNames.WAITING + passage.gate().name(), sending -> {
            sending.setMessage(later);
            Delivery.join(exchange, sending);
        });
        if (sent.getException() != null) {
            throw passage.hold(passage.gate().setbacks().add(
                    passage.key(), null, Undelivered.text(sent.getException()), passage.gate().policy(), now), now);
        }
        passage.putAside();
        exchange.setRouteStop(true);
    }

    private synchronized ProducerTemplate producer(CamelContext context) {
        if (producer == null) {
            producer = context.createProducerTemplate();
        }
        return producer;
    }

    /** Sends every copy that waits back into its queue, because the relay stops. */
    public void close() {
        closed = true;
        turnTo(Taking.ENDED);
    }

    /** The same because others take the copies from now on; those that are on their way come to their end as they always do. */
    public void retire() {
        turnTo(Taking.ENDED);
    }

    private void turnTo(Taking next) {
        taking = next;
        all().forEach(Gate::look);
    }

    /** Whether copies, and questions, get their turn; not before {@link #apply}, nor after the end. */
    boolean isOn() {
        return taking == Taking.ON;
    }

    private Taking taking() {
        return taking;
    }
}
