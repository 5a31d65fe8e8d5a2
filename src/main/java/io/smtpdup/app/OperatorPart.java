package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Settings;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.page.PageServer;
import io.smtpdup.page.Sources;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.RecipientTools;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.ReloadResult;
import io.smtpdup.tools.Steering;
import io.smtpdup.tools.ToolServer;
import io.smtpdup.tools.TraceTools;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** What operators can ask the relay for on the management port: the tools, the switch, and the pages with both. */
final class OperatorPart implements AutoCloseable {

    private final Settings settings;

    private final Ground ground;

    private final RecipientsPart recipients;

    private final CutoverPart cutover;

    /** Null before {@link #attachTo}. */
    private volatile @Nullable Reload reload;

    /**
     * Opens nothing yet.
     *
     * @param directory with application.properties
     */
    OperatorPart(Settings settings, Path directory, Ground ground, AgreementPart agreement) {
        this.settings = settings;
        this.ground = ground;
        recipients = new RecipientsPart(settings, agreement, ground.checks());
        cutover = new CutoverPart(settings, directory, ground.primaries(), this::takeUp);
    }

    private Reloading.Result takeUp(String why) {
        Reload offered = reload;
        if (offered == null || !offered.isPossible()) {
            return new Reloading.Result(Reloading.State.NEEDS_RESTART, List.of());
        }
        ReloadResult result = offered.now(why);
        return new Reloading.Result(result.reloaded() ? Reloading.State.DONE : Reloading.State.REFUSED, result.problems());
    }

    /**
     * Answers from now on.
     *
     * @param context started
     * @param meters null where nobody measures
     * @param agreement empty where nothing is compared
     * @param certificateDays until our own certificate ends; null without one
     */
    void attachTo(CamelContext context, @Nullable MeterRegistry meters, Steering steering, Optional<AgreementTools> agreement,
            Destinations destinations, @Nullable DoubleSupplier certificateDays, Reload offered) {
        reload = offered;
        RecipientTools asking = recipients.attachTo(context, meters);
        CutoverTools switching = cutover.attachTo(context, meters, steering, agreement, asking, ground.spool(), destinations, certificateDays);
        TraceTools mails = new TraceTools(ground.traces(), steering);
        ToolServer.start(context, steering, agreement, asking, mails, switching, settings, ground.scratch(), offered);
        PageServer.start(context, new Sources(steering, agreement, switching, offered, mails, destinations, ground.spool(), ground.pages(), settings,
                version(), ground.scratch()));
    }

    private static List<String> version() {
        try {
            return List.of(new SmtpDuplicator.Version().getVersion());
        } catch (IOException e) {
            return List.of("smtp-duplicator");
        }
    }

    /** Questions that wait for a server's answer are not waited for any longer. */
    @Override
    public void close() {
        recipients.close();
    }
}
