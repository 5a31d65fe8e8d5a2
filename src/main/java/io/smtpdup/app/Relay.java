package io.smtpdup.app;

import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.Emergency;
import io.smtpdup.server.SmtpServerConsumer;
import io.smtpdup.spool.Spool;
import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;

/**
 * A relay in this process: camel-main with our components and beans, the settings as placeholders, and the routes of the
 * working directory. Life: {@link #start()}, then {@link #stop()}, each once.
 */
public final class Relay implements AutoCloseable {

    private final Main main = new Main();

    /** What the process ends with. */
    private volatile int status;

    /** A signal is ending the process. */
    private volatile boolean ending;

    private final RelayParts parts;

    private final Settings settings;

    private final boolean listening;

    /** Of the management server; null until the start. */
    private volatile Vertx vertx;

    /**
     * Prepares a relay; nothing is opened yet.
     *
     * @param directory the working directory; see {@link RouteFiles} for its routes
     * @param listening false to load and check everything without listening anywhere
     * @throws StartException when there are no routes to run, or spool.directory cannot be written
     */
    public Relay(Path directory, Settings settings, boolean listening) {
        this.settings = settings;
        this.listening = listening;
        RouteFiles routes = RouteFiles.of(directory);
        parts = new RelayParts(directory, settings);
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setInitialProperties(properties());
        main.configure().withRoutesIncludePattern("false");
        parts.bindTo(main::bind);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                // Our settings have said the last word: SMTP_LISTEN and the like in the environment are somebody else's.
                PropertiesComponent placeholders =
                        (PropertiesComponent) starting.getCamelContext().getPropertiesComponent();
                placeholders.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
                placeholders.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_NEVER);
                routes.builders(starting.getCamelContext()).forEach(main.configure()::addRoutesBuilder);
            }

            @Override
            public void afterConfigure(BaseMainSupport starting) {
                parts.addTo(starting.getCamelContext());
            }
        });
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "smtp-duplicator");
        properties.setProperty("camel.main.autoStartup", String.valueOf(listening));
        properties.setProperty("camel.main.shutdownTimeout", "5");
        properties.setProperty("camel.main.shutdownLogInflightExchangesOnTimeout", "false");
        properties.setProperty("camel.main.streamCachingSpoolEnabled", "true");
        properties.setProperty("camel.main.streamCachingSpoolThreshold", String.valueOf(RelayParts.IN_MEMORY));
        properties.setProperty("camel.main.streamCachingSpoolDirectory", parts.messages().toString());
        properties.setProperty("camel.management.enabled", String.valueOf(listening));
        properties.setProperty("camel.management.host", settings.managementHost());
        properties.setProperty("camel.management.port", String.valueOf(settings.managementPort()));
        properties.setProperty("camel.management.healthCheckEnabled", "true");
        properties.setProperty("camel.management.metricsEnabled", "true");
        properties.setProperty("camel.health.enabled", "true");
        properties.setProperty("camel.metrics.enabled", "true");
        // RouteMeters cost less; an operator who wants Camel's own switches them on.
        properties.setProperty("camel.metrics.enableRoutePolicy", "false");
        properties.setProperty("camel.metrics.enableExchangeEventNotifier", "false");
        properties.setProperty("camel.metrics.enableRouteEventNotifier", "false");
        properties.setProperty("camel.main.jmxEnabled", "false");
        // An operator's own camel.* keys come last, so that they win.
        properties.putAll(parts.placeholders());
        return properties;
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
                parts.open();
                vertx = ManagementVertx.create(settings.managementMaxConnections(), settings.managementTimeout());
                main.bind("managementVertx", vertx);
            }
            main.start();
            parts.attachTo(context(), listening);
        } catch (Throwable e) {
            Emergency.consider(e);
            if (ending) {
                awaitEnd(); // SIGTERM has stopped what was starting, and the signal's thread ends the process
            }
            status = 1;
            stop();
            throw StartException.because(e);
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
                LogSetup.flush();
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
        return parts.spool();
    }

    /** For tests that tell it of mails that were not sent, or count with it. */
    Agreement agreement() {
        return parts.agreement();
    }

    public CamelContext context() {
        return main.getCamelContext();
    }

    /**
     * Drains and stops: clients are served to the end of their mail, whose copies go into the spool; at the same time copies
     * on their way to a backup get to their end. Copies that wait stay in the spool.
     */
    public void stop() {
        if (listening && context() != null) {
            parts.drain(context());
        }
        main.stop();
        if (vertx != null) {
            vertx.close();
        }
        parts.close();
    }

    @Override
    public void close() {
        stop();
    }
}
