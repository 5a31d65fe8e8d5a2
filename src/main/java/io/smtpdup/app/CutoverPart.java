package io.smtpdup.app;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.cutover.Bake;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.cutover.Turn;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.message.Envelope;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.Spool;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.KnownSurroundings;
import io.smtpdup.tools.RecipientTools;
import io.smtpdup.tools.Steering;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/** The switch as a part of the program: remembers who is the primary, asks servers whether they are there, and shows it in the metrics. */
final class CutoverPart {

    /** To accept a connection: what takes longer is not there. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Settings settings;

    private final Path directory;

    private final PrimaryHistory history;

    private final Reloading reloading;

    /**
     * Begins nothing yet.
     *
     * @param directory with application.properties
     * @param history outlives this
     */
    CutoverPart(Settings settings, Path directory, PrimaryHistory history, Reloading reloading) {
        this.settings = settings;
        this.directory = directory;
        this.reloading = reloading;
        this.history = history;
    }

    /**
     * Begins: who is the primary in the settings is so from now on.
     *
     * @param context started
     * @param meters null where nobody measures
     * @param certificateDays until our own certificate ends; null without one
     */
    CutoverTools attachTo(CamelContext context, @Nullable MeterRegistry meters, Steering steering, Optional<AgreementTools> agreement,
            RecipientTools recipients, Spool spool, Destinations destinations, @Nullable DoubleSupplier certificateDays) {
        follow(agreement);
        ProducerTemplate template = context.createProducerTemplate();
        CutoverTools tools = new CutoverTools(settings, directory, System.getenv(), history, new KnownSurroundings(steering, agreement, recipients,
                spool, destinations, (server, backup) -> trouble(context, template, server, backup), certificateDays), reloading, Clock.systemUTC());
        if (meters != null) {
            bindTo(meters, tools);
        }
        return tools;
    }

    private void follow(Optional<AgreementTools> agreement) {
        Turn begun = history.follow(settings.primary().address());
        if (begun != null && begun.before() != null) {
            MailLog.primary(begun.primary(), begun.before(), begun.how().text(), begun.reason(), begun.verdict());
            // What was compared with another primary says nothing about this one.
            agreement.ifPresent(tools -> tools.markQuietly(begun.primary() + " is the primary"));
        }
    }

    private static void bindTo(MeterRegistry meters, CutoverTools tools) {
        Gauge.builder("smtpdup.primary.since.seconds", tools, CutoverPart::since)
                .description("When the server that is the primary became it, as seconds since 1970").register(meters);
        Gauge.builder("smtpdup.cutover.baking", tools, one -> one.isBaking() ? 1 : 0)
                .description("1 for relay.bake_time after primary and backup have changed places").register(meters);
        Gauge.builder("smtpdup.cutover.rollback.advised", tools, one -> one.recentAdvice() == Bake.Advised.ROLLBACK ? 1 : 0)
                .description("1 while cutover status advises to go back").register(meters);
    }

    private static double since(CutoverTools tools) {
        Turn turn = tools.turn();
        return turn == null ? 0 : turn.begun().getEpochSecond();
    }

    private static @Nullable String trouble(CamelContext context, ProducerTemplate template, Destination server, @Nullable String backup) {
        try {
            return RecipientsPart.ask(context, template, server, backup, "&connectTimeout=" + PATIENCE.toSeconds() + "s",
                    new Envelope("", null, false, List.of())).cutShort();
        } catch (Exception e) {
            return String.valueOf(e.getMessage());
        }
    }
}
