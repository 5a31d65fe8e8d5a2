package io.smtpdup.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Settings;
import io.smtpdup.server.Listeners;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.ReloadResult;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.StreamCachingStrategy;
import org.apache.camel.support.LifecycleStrategySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a relay of a Camel application that somebody else starts, the Camel CLI or any camel-main, with the key
 *
 * <pre>camel.main.configurationClasses = io.smtpdup.app.RelayConfiguration</pre>
 *
 * <p>The routes are those that it loads; settings come, as always, from the environment, {@code application.properties} and
 * {@code config.yaml} of the working directory, and are what the routes see, whatever else says the same keys. The tools
 * and {@code /observe} are there when {@code camel.management.enabled} is, on its port.
 */
public final class RelayConfiguration implements CamelConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(RelayConfiguration.class);

    /**
     * Called before the routes are loaded.
     *
     * @throws io.smtpdup.config.ConfigurationException with all that is wrong in the settings
     */
    @Override
    public void configure(CamelContext context) {
        Path directory = Path.of("").toAbsolutePath();
        Settings settings = Settings.load(directory, System.getenv());
        settings.warnings().forEach(LOG::warn);
        settings.unknown().forEach(LOG::warn);
        Ground ground = new Ground(settings, new Listeners());
        RelayParts parts = new RelayParts(ground, directory, settings, null);
        parts.bindTo(context.getRegistry()::bind);
        context.getPropertiesComponent().setOverrideProperties(parts.placeholders());
        StreamCachingStrategy caching = context.getStreamCachingStrategy();
        caching.setSpoolEnabled(true);
        caching.setSpoolThreshold(RelayParts.IN_MEMORY);
        caching.setSpoolDirectory(parts.messages().toFile());
        context.addLifecycleStrategy(new LifecycleStrategySupport() {

            /** The routes are loaded, and will be made ready next. */
            @Override
            public void onContextInitializing(CamelContext initializing) {
                parts.addTo(initializing);
            }

            @Override
            public void onContextStarting(CamelContext starting) {
                try {
                    parts.apply();
                    ground.open();
                    parts.open();
                } catch (Exception e) {
                    close();
                    throw StartException.because(e);
                }
            }

            @Override
            public void onContextStarted(CamelContext started) {
                boolean managed = started.getRegistry().findSingleByType(VertxPlatformHttpRouter.class) != null;
                Optional.ofNullable(started.getRegistry().findSingleByType(MeterRegistry.class)).ifPresent(ground::bindTo);
                parts.attachTo(started, managed ? new NoReload() : null);
                parts.requireWhole(started);
                LOG.info("primary {}, backups {}", settings.primary(), settings.backups());
            }

            @Override
            public void onContextStopping(CamelContext stopping) {
                parts.drain(stopping);
            }

            @Override
            public void onContextStopped(CamelContext stopped) {
                close();
            }

            private void close() {
                parts.close();
                ground.close();
            }
        });
    }

    /** The context is somebody else's, who alone can make it anew. */
    private static final class NoReload implements Reload {

        @Override
        public ReloadResult now(String reason) {
            return ReloadResult.refused(List.of("this relay runs in a Camel application of somebody else's (Camel CLI, Camel K or the"
                    + " like), which reads settings and routes only at its start: a restart is needed"));
        }

        @Override
        public boolean isPossible() {
            return false;
        }
    }
}
