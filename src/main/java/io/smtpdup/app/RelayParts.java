package io.smtpdup.app;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

import io.micrometer.core.instrument.FunctionCounter;
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
import io.smtpdup.cutover.Reloading;
import io.smtpdup.delivery.DeliveryComponent;
import io.smtpdup.delivery.DeliveryEndpoint;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.delivery.HostResolver;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.ops.MailLog;
import io.smtpdup.ops.QueuedAppender;
import io.smtpdup.server.Admission;
import io.smtpdup.server.SmtpServerComponent;
import io.smtpdup.server.SmtpServerConsumer;
import io.smtpdup.spool.ExternalBroker;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolComponent;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.RecipientTools;
import io.smtpdup.tools.Steering;
import io.smtpdup.tools.ToolServer;
import io.smtpdup.tools.TraceTools;
import io.smtpdup.trace.Traces;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes a Camel context with the operator's routes a relay: components, beans, the backups' routes, the spool, and
 * their beginning and end. Order: {@link #bindTo}, {@link #addTo}, {@link #open}, the context's start, {@link #attachTo};
 * {@link #drain}, the context's stop, {@link #close}.
 */
final class RelayParts {

    /** Octets of a mail that may stay in memory; larger ones lie in {@link #messages()}. */
    static final int IN_MEMORY = 16384;

    private static final Logger LOG = LoggerFactory.getLogger(RelayParts.class);

    private static final String TLS_BEAN = "smtpServerTls";

    private final Settings settings;

    private final Optional<ServerCertificate> certificate;

    private final MessageDirectory messages;

    private final Spool spool;

    private final Gates gates;

    private final Destinations destinations;

    private final ProcessMeters processMeters = new ProcessMeters();

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

    private final RecipientsPart questions;

    private final QuestionPart refused;

    private final CutoverPart cutover;

    /** Null where no mails are remembered. */
    private final @Nullable Traces traces;

    private Runnable unfollow = () -> { };

    private final PagePart page;

    /**
     * Opens nothing yet but a directory for large mails.
     *
     * @throws StartException when spool.directory cannot be written, or our certificate is of no use
     */
    RelayParts(Path directory, Settings settings) {
        this.settings = settings;
        certificate = settings.tlsCertificate()
                .map(file -> ServerCertificate.load(file, settings.tlsKey().get(), Instant.now()));
        messages = MessageDirectory.open(directory.resolve(settings.spoolDirectory()).resolve("messages"));
        backups = new Backups(settings.backups());
        agreement = new AgreementPart(settings, backups);
        questions = new RecipientsPart(settings, agreement);
        verdicts = new Verdicts(agreement::record, Clock.systemUTC());
        options = new ComponentOptions(settings, verdicts);
        undelivered = new EarlierRoutes.Failures(settings.retryFirst(), settings.retryLongest(), SteadyClock.system());
        gates = new EarlierRoutes.Turns(settings, undelivered, verdicts, SteadyClock.system());
        destinations = new Destinations(roles(settings));
        quiet = new QuietCheck(settings.primary(), agreement.isWanted() ? settings.backups() : List.of(), HostResolver.SYSTEM, destinations::nameOf);
        damagedCopies = new DamagedCopies(backups, verdicts);
        spool = spool(settings);
        refused = new QuestionPart(settings, spool, gates, verdicts, agreement);
        traces = settings.managementTraces() == 0 ? null : new Traces(settings.managementTraces());
        cutover = new CutoverPart(settings, directory, why -> new Reloading.Result(Reloading.State.NEEDS_RESTART, List.of()));
        left = new LeftQueues(settings, new BackupRoutes(settings, options), gates, spool);
        page = new PagePart(() -> settings, messages.path());
    }

    private static Spool spool(Settings settings) {
        try {
            return new Spool(settings.spoolDirectory(), settings.spoolMinFree(), settings.brokerUrl().map(url -> new ExternalBroker(
                    url, settings.brokerUser().orElse(null), settings.brokerPassword().orElse(null))).orElse(null));
        } catch (SpoolException e) {
            throw new StartException(e.getMessage());
        }
    }

    /** Gives the registry everything that routes name. */
    void bindTo(BiConsumer<String, Object> registry) {
        Admission admission = new SpoolAdmission(spool, settings.spoolRequired() && !settings.backups().isEmpty());
        SSLContextParameters tls = certificate.map(ServerCertificate::parameters).orElse(null);
        SmtpServerComponent listeners = new SmtpServerComponent();
        listeners.useDefaults(options.ofListeners(admission, quiet, tls));
        registry.accept("smtp-server", listeners);
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

    private static Map<String, String> roles(Settings settings) {
        Map<String, String> roles = new LinkedHashMap<>();
        settings.backups().forEach(backup -> roles.put(backup.address(), "backup"));
        roles.put(settings.primary().address(), "primary");
        return roles;
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

    /** Opens the spool, and in its directory, which is locked then, what will be told of each copy. */
    void open() throws Exception {
        DueTimes due = new DueTimes(spool.management(), undelivered, SteadyClock.system());
        spool.watch(queues -> {
            gates.follow(queues);
            due.follow(queues);
            left.follow(queues);
        });
        spool.watch((id, backup, damage) -> damagedCopies.log(id, backup, damage, meters));
        spool.start(Backups.names(settings.backups()));
        agreement.open();
        unfollow = traces == null ? unfollow : MailLog.follow(traces);
        quiet.start();
    }

    /**
     * Adds metrics and tools to a context that has started, and looks whether its routes hang together.
     *
     * @param tools whether the management port serves the tools
     * @throws StartException when a mail or a copy would end in the void
     */
    void attachTo(CamelContext context, boolean tools) {
        meters = context.getRegistry().findSingleByType(MeterRegistry.class);
        if (meters != null) {
            destinations.all().forEach(watch -> watch.bindTo(meters));
            processMeters.bindTo(meters, spool);
            routeMeters.bindTo(meters);
            new QueueMeters(spool, SteadyClock.system()).bindTo(meters, settings.backups());
            gates.bindTo(meters, settings.backups());
            quiet.bindTo(meters);
            options.selected().forEach(part -> part.bindTo(meters));
            FunctionCounter.builder("smtpdup.log.lines.lost", this, unused -> QueuedAppender.lost())
                    .description("Log lines that were lost because nobody took them").register(meters);
        }
        Optional<CertificateWatch> watch = certificate.map(ours -> new CertificateWatch(ours, Clock.systemUTC()));
        watch.ifPresent(ours -> ours.attachTo(context, meters));
        if (tools) {
            Steering steering = new Steering(context, spool, gates, settings.primary(), settings.backups(), left, verdicts,
                    SteadyClock.system());
            Optional<AgreementTools> compared = agreement.attachTo(meters, steering, gates, quiet, destinations);
            RecipientTools recipients = questions.attachTo(context, meters);
            CutoverTools switching = cutover.attachTo(context, meters, steering, compared, recipients, spool, destinations,
                    watch.map(ours -> (DoubleSupplier) ours::daysLeft).orElse(null));
            TraceTools mails = new TraceTools(traces, steering);
            ToolServer.start(context, steering, compared, recipients, mails, switching, settings, messages.path());
            page.attachTo(context, meters, steering, compared, mails, destinations, spool);
        }
        StartChecks.requireWholeRoutes(context, backups.all());
        left.attachTo(context);
        refused.attachTo(context, meters);
    }

    /** Serves clients to the end of their mail, and at the same time brings copies on their way to their end. */
    void drain(CamelContext context) {
        Thread listeners = new Thread(() -> stopListeners(context), "drain");
        try {
            listeners.start();
            questions.close();
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

    private static void stopListeners(CamelContext context) {
        for (Route route : context.getRoutes()) {
            if (route.getConsumer() instanceof SmtpServerConsumer clients) {
                clients.stop();
            }
        }
    }

    /** Closes the spool; copies that wait stay in it. No copy is delivered any more, and the directory is still ours. */
    void close() {
        processMeters.close();
        page.close();
        quiet.close();
        agreement.close();
        unfollow.run();
        spool.stop();
        messages.close();
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
