package io.smtpdup.app;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.backup.Backups;
import io.smtpdup.backup.DamagedCopies;
import io.smtpdup.backup.DeadLetters;
import io.smtpdup.backup.DueTimes;
import io.smtpdup.backup.EarlierRoutes;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.Hook;
import io.smtpdup.backup.LostCopies;
import io.smtpdup.backup.QuietCheck;
import io.smtpdup.backup.Recipients;
import io.smtpdup.backup.UncopiedMails;
import io.smtpdup.backup.Undelivered;
import io.smtpdup.backup.Verdicts;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.DeliveryComponent;
import io.smtpdup.delivery.DeliveryEndpoint;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.delivery.HostResolver;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.server.Admission;
import io.smtpdup.server.SmtpServerComponent;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolComponent;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.Steering;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes a Camel context with the operator's routes a relay: components, beans, the backups' routes, the spool, and
 * their beginning and end. Order: {@link #bindTo}, {@link #addTo}, {@link #open}, the context's start, {@link #requireWhole}, {@link
 * #attachTo}; {@link #drain}, or {@link #makeWay} and {@link #retire} when others go on with the {@link Ground}, the context's stop, {@link
 * #close}.
 */
final class RelayParts {

    /** Octets of a mail that may stay in memory; larger ones lie in {@link #messages()}. */
    static final int IN_MEMORY = 16384;

    private static final Logger LOG = LoggerFactory.getLogger(RelayParts.class);

    /** What a client may take between MAIL and DATA when the settings it has begun with are not in force any more. */
    private static final Duration ANNOUNCED = Duration.ofMinutes(5);

    private static final String TLS_BEAN = "smtpServerTls";

    private final Ground ground;

    private final Settings settings;

    private final Optional<ServerCertificate> certificate;

    private final MessageDirectory messages;

    private final Spool spool;

    private final Gates gates;

    private final Destinations destinations;

    private final RouteMeters routeMeters = new RouteMeters();
    private final Undelivered undelivered;
    private final Verdicts verdicts;
    private final ComponentOptions options;
    private final Backups backups;
    private final DamagedCopies damagedCopies;

    /** Null until the context has started. */
    private volatile MeterRegistry meters;

    private final LeftQueues left;
    private final AgreementPart agreement;
    private final QuietCheck quiet;
    private final QuestionPart refused;

    private final OperatorPart operators;

    private volatile boolean hurried;

    /**
     * Opens nothing yet but a directory for large mails.
     *
     * @param ground outlives this
     * @param before whose place this is to take; null for nobody's
     * @throws StartException when spool.directory cannot be written, or our certificate is of no use
     */
    RelayParts(Ground ground, Path directory, Settings settings, RelayParts before) {
        this.ground = ground;
        this.settings = settings;
        certificate = settings.tlsCertificate()
                .map(file -> ServerCertificate.load(file, settings.tlsKey().get(), Instant.now()));
        messages = MessageDirectory.open(directory.resolve(settings.spoolDirectory()).resolve("messages"));
        backups = new Backups(settings.backups());
        agreement = new AgreementPart(settings, backups, ground.agreement());
        verdicts = new Verdicts(agreement::record, Clock.systemUTC());
        options = new ComponentOptions(settings, verdicts);
        undelivered = new EarlierRoutes.Failures(settings.retryFirst(), settings.retryLongest(), SteadyClock.system());
        gates = new EarlierRoutes.Turns(settings, undelivered, verdicts, SteadyClock.system(), ground.gates());
        destinations = new Destinations(ComponentOptions.roles(settings), before == null ? null : before.destinations);
        quiet = new QuietCheck(settings.primary(), agreement.isWanted() ? settings.backups() : List.of(), HostResolver.SYSTEM, destinations::nameOf);
        damagedCopies = new DamagedCopies(backups, verdicts);
        spool = ground.spool();
        refused = new QuestionPart(settings, spool, gates, verdicts, agreement);
        left = new LeftQueues(settings, new BackupRoutes(settings, options), gates, spool);
        operators = new OperatorPart(settings, directory, ground, agreement);
    }

    /** Gives the registry everything that routes name. */
    void bindTo(BiConsumer<String, Object> registry) {
        Admission admission = new SpoolAdmission(spool, settings.spoolRequired() && !settings.backups().isEmpty());
        SSLContextParameters tls = certificate.map(ServerCertificate::parameters).orElse(null);
        SmtpServerComponent listeners = new SmtpServerComponent();
        listeners.useDefaults(options.ofListeners(admission, quiet, tls));
        registry.accept("smtp-server", listeners);
        registry.accept("listeners", ground.listeners());
        registry.accept("smtp", servers());
        registry.accept("smtps", servers());
        SpoolComponent queues = spool.component();
        queues.useDefaults(options.ofQueues());
        registry.accept("spool", queues);
        registry.accept("login.primary", new Credentials(settings.primary()));
        settings.backups().forEach(backup -> registry.accept("login." + backup.name(), new Credentials(backup)));
        registry.accept("backups", backups);
        registry.accept("spoolAdmission", admission);
        registry.accept("lostCopies", new LostCopies(backups, verdicts));
        registry.accept("gates", gates);
        registry.accept("undelivered", undelivered);
        registry.accept("deadLetters", new DeadLetters());
        registry.accept("damagedCopies", damagedCopies);
        registry.accept("recipients", new Recipients());
        refused.bindTo(registry);
        Stream.of(Hook.onCopy(), Hook.onDeadLetter()).forEach(hook -> registry.accept(hook.name(), hook));
        registry.accept("callerRuns", new SynchronousExecutorService());
        if (tls != null) {
            registry.accept(TLS_BEAN, tls);
        }
    }

    private DeliveryComponent servers() {
        DeliveryComponent servers = new DeliveryComponent();
        servers.setDestinations(destinations);
        servers.useDefaults(options.ofServers());
        return servers;
    }

    /** What routes may name in double braces. */
    Properties placeholders() {
        Properties placeholders = new Properties();
        if (settings.tlsCertificate().isPresent()) {
            placeholders.setProperty("smtp.tls_parameters", "#" + TLS_BEAN);
        }
        placeholders.putAll(settings.toProperties());
        return placeholders;
    }

    /** Adds a route for each backup, whose template the context must have, and the health checks. */
    void addTo(CamelContext context) {
        routeMeters.addTo(context);
        if (agreement.isWanted()) {
            context.addRoutePolicyFactory(new UncopiedMails(backups, verdicts));
        }
        RouteChecks.requireSound(context, Backups.names(settings.backups()), settings);
        new BackupRoutes(settings, options).addTo(context);
        refused.addTo(context);
        HealthCheckRegistry health = HealthCheckRegistry.get(context);
        if (health != null) {
            // What is no reason to be down can be read there as well.
            health.setExposureLevel("full");
            health.register(new ListenerHealthCheck(context));
            health.register(RelayHealthCheck.ofSpool(spool));
            health.register(RelayHealthCheck.ofLeftQueues(left::unread));
            health.register(RelayHealthCheck.ofStuckCopies(gates));
            health.register(RelayHealthCheck.ofServers("primary", destinations));
            health.register(RelayHealthCheck.ofServers("backup", destinations));
        }
    }

    /** Has what the routes need, and opens what will be told of each copy. The ground is open. */
    void open() {
        spool.keep(Backups.names(settings.backups()));
        agreement.open();
        quiet.start();
    }

    /** From now on these are the parts that hear of the queues and of what is compared, and say how backups are treated. */
    void apply() {
        DueTimes due = new DueTimes(spool.management(), undelivered, SteadyClock.system());
        spool.watch(queues -> {
            gates.follow(queues);
            due.follow(queues);
            left.follow(queues);
        });
        spool.watch((id, backup, damage) -> damagedCopies.log(id, backup, damage, meters));
        agreement.listen();
        gates.apply();
    }

    /** @throws StartException when a mail or a copy would end in the void */
    void requireWhole(CamelContext context) {
        StartChecks.requireWholeRoutes(context, backups.all());
    }

    /**
     * Adds metrics and tools to a context that has started.
     *
     * @param offered by the tools; null where the management port serves no tools
     */
    void attachTo(CamelContext context, Reload offered) {
        meters = context.getRegistry().findSingleByType(MeterRegistry.class);
        if (meters != null) {
            destinations.all().forEach(watch -> watch.bindTo(meters));
            routeMeters.bindTo(meters);
            new QueueMeters(spool, SteadyClock.system()).bindTo(meters, settings.backups());
            gates.bindTo(meters, settings.backups());
            quiet.bindTo(meters);
            options.selected().forEach(part -> part.bindTo(meters));
        }
        Optional<CertificateWatch> watch = certificate.map(ours -> new CertificateWatch(ours, Clock.systemUTC()));
        watch.ifPresent(ours -> ours.attachTo(context, meters));
        if (offered != null) {
            Steering steering = new Steering(context, spool, gates, settings.primary(), settings.backups(), left, verdicts,
                    SteadyClock.system());
            operators.attachTo(context, meters, steering, agreement.attachTo(meters, steering, gates, quiet, destinations), destinations,
                    watch.map(ours -> (DoubleSupplier) ours::daysLeft).orElse(null), offered);
        }
        left.attachTo(context);
        refused.attachTo(context, meters);
    }

    /** Serves clients to the end of their mail, and at the same time brings copies on their way to their end. */
    void drain(CamelContext context) {
        Thread listeners = new Thread(() -> ListenerRoutes.stop(context), "drain");
        try {
            listeners.start();
            operators.close();
            left.close();
            gates.close();
            refused.stopAsking();
            BackupRoutes.stop(context);
            listeners.join();
            refused.close();
            // Whoever still talks to a server has no client any more.
            context.getEndpoints().stream().filter(DeliveryEndpoint.class::isInstance)
                    .forEach(server -> ((DeliveryEndpoint) server).cut());
        } catch (Exception e) {
            LOG.error("copies were still being delivered when the relay stopped: {}", e.toString());
            LOG.debug("stack trace", e);
        }
    }

    /** Others are about to go on with the ground: begins nothing, answers no operators any more, and writes down what was seen. */
    void makeWay() {
        beginNothing();
        operators.close();
        agreement.close();
    }

    /**
     * Others go on with the ground: after {@link #makeWay}, returns when what has begun has come to its end. A mail whose content is sent or
     * answered gets all its time; one that a client has only announced, some minutes.
     */
    void retire(CamelContext context) throws InterruptedException {
        long end = System.nanoTime() + ANNOUNCED.toNanos();
        RouteEnding.begin(context);
        while (!ListenerRoutes.retire(context, hurried || System.nanoTime() > end) || context.getInflightRepository().size() > 0) {
            TimeUnit.NANOSECONDS.sleep(RouteEnding.POLL.toNanos());
        }
        refused.close();
    }

    /** Gives back what is this part's own. */
    void close() {
        quiet.close();
        agreement.close();
        messages.close();
    }

    /** What an operator has had drained goes on, where it is still something that was left. */
    void takeDrainsOf(RelayParts before) {
        left.takeOver(before.left);
    }

    /** Copies and questions that wait here go back into their queues, where others take them. */
    void beginNothing() {
        left.close();
        gates.retire();
        refused.stopAsking();
    }

    /** A mail that a client has only announced gets no more time. After {@link #retire} has begun. */
    void hurry() {
        hurried = true;
    }

    /** The gates that these routes use, so that others can be forgotten. */
    void forgetOtherGates() {
        ground.gates().retain(gates.all());
    }

    Spool spool() {
        return spool;
    }

    /** What primary and backups have said about each recipient; null before {@link #open}, and where nothing is compared. */
    Agreement agreement() {
        return agreement.store();
    }

    /** Where mails go that are too large for memory. */
    Path messages() {
        return messages.path();
    }
}
