package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.page.PageServer;
import io.smtpdup.page.Sources;
import io.smtpdup.page.Traffic;
import io.smtpdup.page.TrafficSampler;
import io.smtpdup.spool.Spool;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.Steering;
import io.smtpdup.tools.TraceTools;
import org.apache.camel.CamelContext;

/** The page on the management port, and the numbers of the last day that it plots. */
final class PagePart implements AutoCloseable {

    private final Traffic traffic = new Traffic();

    private final Supplier<Settings> settings;

    private final Path scratch;

    /** Null where nobody measures. */
    private volatile TrafficSampler sampler;

    /**
     * @param settings those in force now
     * @param scratch for mails on their way to whoever saves them
     */
    PagePart(Supplier<Settings> settings, Path scratch) {
        this.settings = settings;
        this.scratch = scratch;
    }

    /** Shows it, of a context that has started. */
    void attachTo(CamelContext context, MeterRegistry meters, Steering steering, Optional<AgreementTools> agreement,
            TraceTools mails, Destinations destinations, Spool spool) {
        if (meters != null) {
            sampler = new TrafficSampler(meters, traffic, SteadyClock.system());
            sampler.start();
        }
        PageServer.start(context, new Sources(steering, agreement, mails, destinations, spool, traffic, settings, version(), scratch));
    }

    private static List<String> version() {
        try {
            return List.of(new SmtpDuplicator.Version().getVersion());
        } catch (IOException e) {
            return List.of("smtp-duplicator");
        }
    }

    @Override
    public void close() {
        if (sampler != null) {
            sampler.close();
        }
    }
}
