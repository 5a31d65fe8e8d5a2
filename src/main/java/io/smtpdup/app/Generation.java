package io.smtpdup.app;

import java.nio.file.Path;
import java.util.Properties;

import io.smtpdup.config.Settings;
import io.smtpdup.tools.Reload;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * Settings and routes that run, as they were read at one time: camel-main with our components and beans, on a {@link Ground} that
 * others stand on before and after it.
 */
final class Generation {

    private final Main main = new Main();

    private final Settings settings;

    private final boolean listening;

    private final RelayParts parts;

    private final FilesSeen files;

    /**
     * Reads and prepares; nothing is opened yet but a directory for large mails.
     *
     * @param directory the working directory; see {@link RouteFiles} for its routes
     * @param listening false to load and check everything without listening anywhere
     * @param before whose place it is to take; null for nobody's
     * @throws StartException when there are no routes to run, or spool.directory cannot be written
     */
    Generation(Ground ground, Path directory, Settings settings, boolean listening, Generation before) {
        this.settings = settings;
        this.listening = listening;
        RouteFiles routes = RouteFiles.of(directory);
        files = FilesSeen.of(routes, settings);
        parts = new RelayParts(ground, directory, settings, before == null ? null : before.parts);
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setInitialProperties(properties());
        main.configure().withRoutesIncludePattern("false");
        main.setShutdownStrategy(new SimpleMainShutdownStrategy()); // its own would have a hook for each, which is there for good
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

    /** Has the context use what all of them share. Before {@link #start}. */
    void share(ManagementVertx management, RelayMeters meters) {
        main.bind("managementVertx", management.vertx());
        main.bind(MicrometerConstants.METRICS_REGISTRY_NAME, meters);
    }

    /** Starts the routes, when it listens; then copies are taken from the queues. */
    void start() throws Exception {
        main.start();
        parts.requireWhole(context());
    }

    /** Adds metrics and tools; null for no tools. */
    void attach(Reload reload) {
        parts.attachTo(context(), reload);
    }

    CamelContext context() {
        return main.getCamelContext();
    }

    Settings settings() {
        return settings;
    }

    RelayParts parts() {
        return parts;
    }

    /** The operator's files, as they were read. */
    FilesSeen files() {
        return files;
    }

    /** Serves clients to the end of their mails, and copies on their way to theirs, within a bounded time. */
    void drain() {
        if (listening && context() != null) {
            parts.drain(context());
        }
    }

    void stop() {
        try {
            main.stop();
        } finally {
            parts.close();
        }
    }
}
