package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.backup.Backups;
import io.smtpdup.backup.DeadLetters;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.LostCopies;
import io.smtpdup.backup.Recipients;
import io.smtpdup.backup.Undelivered;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.DeliveryComponent;
import io.smtpdup.delivery.DeliveryEndpoint;
import io.smtpdup.server.SmtpServerConsumer;
import io.smtpdup.spool.ExternalBroker;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.tools.Steering;
import io.smtpdup.tools.ToolServer;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay in this process: camel-main with our components and beans, the settings as placeholders, and the routes of the
 * working directory. Life: {@link #start()}, then {@link #stop()}, each once.
 */
public final class Relay implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    private static final String ROUTES = "routes";

    private static final String TLS_BEAN = "smtpServerTls";

    private final Main main = new Main();

    /** What the process ends with. */
    private volatile int status;

    /** A signal is ending the process. */
    private volatile boolean ending;

    private final MessageDirectory messages;

    private final Spool spool;

    private final Gates gates;

    private final Backups backups;

    private final Settings settings;

    private final boolean listening;

    /**
     * Prepares a relay; nothing is opened yet.
     *
     * @param directory the working directory, which has {@code routes/}
     * @param listening false to load and check everything without listening anywhere
     * @throws StartException when there are no routes to run, or spool.directory cannot be written
     */
    public Relay(Path directory, Settings settings, boolean listening) {
        this.settings = settings;
        this.listening = listening;
        Path routes = directory.resolve(ROUTES);
        requireRoutes(routes);
        messages = MessageDirectory.open(directory.resolve(settings.spoolDirectory()).resolve("messages"));
        gates = new Gates(settings.backups(), Clock.systemUTC());
        backups = new Backups(settings.backups());
        spool = spool(settings);
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setInitialProperties(properties());
        main.configure().withRoutesIncludePattern("file:" + routes.toAbsolutePath() + "/*.yaml");
        bind(settings);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                // Our settings have said the last word: SMTP_LISTEN and the like in the environment are somebody else's.
                PropertiesComponent placeholders =
                        (PropertiesComponent) starting.getCamelContext().getPropertiesComponent();
                placeholders.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
                placeholders.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_NEVER);
            }

            @Override
            public void afterConfigure(BaseMainSupport starting) {
                CamelContext context = starting.getCamelContext();
                new BackupRoutes(settings).addTo(context);
                HealthCheckRegistry.get(context).register(new ListenerHealthCheck(context));
                HealthCheckRegistry.get(context).register(new SpoolHealthCheck(spool));
            }
        });
    }

    private void bind(Settings settings) {
        main.bind("smtp", new DeliveryComponent());
        main.bind("smtps", new DeliveryComponent());
        main.bind("jms", spool.component());
        main.bind("login.primary", new Login(settings.primary()));
        settings.backups().forEach(backup -> main.bind("login." + backup.name(), new Login(backup)));
        main.bind("backups", backups);
        main.bind("spoolAdmission", new SpoolAdmission(spool, settings.spoolRequired() && !settings.backups().isEmpty()));
        main.bind("lostCopies", new LostCopies(backups));
        main.bind("gates", gates);
        main.bind("undelivered", new Undelivered(Clock.systemUTC()));
        main.bind("deadLetters", new DeadLetters());
        main.bind("recipients", new Recipients());
        main.bind("callerRuns", new SynchronousExecutorService());
        if (settings.tlsCertificate().isPresent()) {
            main.bind(TLS_BEAN, ServerCertificate.load(settings.tlsCertificate().get(), settings.tlsKey().get()));
        }
    }

    private static Spool spool(Settings settings) {
        try {
            return new Spool(settings.spoolDirectory(), settings.spoolMinFree(), settings.brokerUrl().map(url -> new ExternalBroker(
                    url, settings.brokerUser().orElse(null), settings.brokerPassword().orElse(null))).orElse(null),
                    senders(settings));
        } catch (SpoolException e) {
            throw new StartException(e.getMessage());
        }
    }

    /** Every client may be sending to all queues at the same time. */
    private static int senders(Settings settings) {
        return Math.min(1000, settings.maxConnections() * Math.max(1, settings.backups().size()));
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "smtp-duplicator");
        properties.setProperty("camel.main.autoStartup", String.valueOf(listening));
        properties.setProperty("camel.main.shutdownTimeout", "5");
        properties.setProperty("camel.main.shutdownLogInflightExchangesOnTimeout", "false");
        properties.setProperty("camel.main.streamCachingSpoolEnabled", "true");
        properties.setProperty("camel.main.streamCachingSpoolThreshold", "16384");
        properties.setProperty("camel.main.streamCachingSpoolDirectory", messages.path().toString());
        properties.setProperty("camel.management.enabled", String.valueOf(listening));
        properties.setProperty("camel.management.host", settings.managementHost());
        properties.setProperty("camel.management.port", String.valueOf(settings.managementPort()));
        properties.setProperty("camel.management.healthCheckEnabled", "true");
        properties.setProperty("camel.management.metricsEnabled", "true");
        properties.setProperty("camel.health.enabled", "true");
        properties.setProperty("camel.metrics.enabled", "true");
        if (settings.tlsCertificate().isPresent()) {
            properties.setProperty("smtp.tls_parameters", "#" + TLS_BEAN);
        }
        // An operator's own camel.* keys come last, so that they win.
        properties.putAll(settings.toProperties());
        return properties;
    }

    private static void requireRoutes(Path routes) {
        try (Stream<Path> files = Files.list(routes)) {
            if (files.noneMatch(file -> file.getFileName().toString().endsWith(".yaml"))) {
                throw new StartException("no route files (*.yaml) in " + routes.toAbsolutePath());
            }
        } catch (IOException e) {
            throw new StartException("no directory " + routes.toAbsolutePath() + ": the routes are read from the working"
                    + " directory, start the relay where routes/ is");
        }
    }

    /**
     * Starts everything; returns when mail is accepted.
     *
     * @throws StartException when something cannot start; everything is stopped again then
     */
    public void start() {
        try {
            if (listening) {
                StartChecks.requireManagementPort(settings);
                spool.watch(gates::follow);
                spool.start(Backups.names(settings.backups()));
            }
            main.start();
            meterQueues();
            if (listening) {
                ToolServer.start(context(),
                        new Steering(context(), spool, gates, settings.backups(), Clock.systemUTC()), settings,
                        messages.path());
            }
            StartChecks.requireWholeRoutes(context(), backups.queues());
        } catch (Exception e) {
            if (ending) {
                awaitEnd(); // SIGTERM has stopped what was starting, and the signal's thread ends the process
            }
            status = 1;
            stop();
            throw StartException.because(e);
        }
    }

    private void meterQueues() {
        MeterRegistry meters = context().getRegistry().findSingleByType(MeterRegistry.class);
        if (meters != null) {
            new QueueMeters(spool, Clock.systemUTC()).bindTo(meters, settings.backups());
            gates.bindTo(meters, settings.backups());
        }
    }

    /**
     * Has SIGTERM drain this relay, and end the process with status 0, which a JVM that was sent SIGTERM would not. Called
     * before {@link #start()}: Camel's own hook, which is there from then on, waits for somebody else to stop the relay.
     *
     * @param last what there is to do after the drain
     */
    void endOnSignal(Runnable last) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ending = true;
            try {
                stop();
                last.run();
            } finally {
                Runtime.getRuntime().halt(status);
            }
        }, "shutdown"));
    }

    /** Blocks for ever; a signal ends the process. */
    void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The port of the route {@code relay}'s listener, also when the system chose it. */
    public int port() {
        Route route = context().getRoute("relay");
        return ((SmtpServerConsumer) route.getConsumer()).getLocalPort();
    }

    /** For tests that break it. */
    Spool spool() {
        return spool;
    }

    public CamelContext context() {
        return main.getCamelContext();
    }

    /**
     * Drains and stops: clients are served to the end of their mail, whose copies go into the spool; at the same time copies
     * on their way to a backup get to their end. Copies that wait stay in the spool.
     */
    public void stop() {
        Thread drain = new Thread(this::drain, "drain");
        try {
            if (listening && context() != null) {
                drain.start();
                gates.close();
                BackupRoutes.stop(context());
                drain.join();
                // Whoever still talks to a server has no client any more.
                context().getEndpoints().stream().filter(DeliveryEndpoint.class::isInstance)
                        .forEach(server -> ((DeliveryEndpoint) server).cut());
            }
        } catch (Exception e) {
            LOG.error("copies were on their way when the relay stopped: {}", e.toString());
            LOG.debug("stack trace", e);
        }
        main.stop();
        spool.stop();
        messages.close();
    }

    private void drain() {
        for (Route route : context().getRoutes()) {
            if (route.getConsumer() instanceof SmtpServerConsumer clients) {
                clients.stop();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
