package io.smtpdup.app;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.agreement.ReplyMeanings;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.recipients.Callouts;
import io.smtpdup.recipients.EndedChecks;
import io.smtpdup.recipients.RecipientChecks;
import io.smtpdup.tools.RecipientTools;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asking backups about recipients, as a part of the program: over a connection of its own to each, so that no copy waits for it, which is
 * treated as the settings say for that backup.
 */
final class RecipientsPart implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RecipientChecks.class);

    private final Settings settings;

    private final AgreementPart agreement;

    private final EndedChecks ended;

    private final Map<String, Destination> backups;

    /** Null until somebody may ask. */
    private volatile @Nullable RecipientChecks checks;

    /** @param ended outlives this */
    RecipientsPart(Settings settings, AgreementPart agreement, EndedChecks ended) {
        this.settings = settings;
        this.agreement = agreement;
        this.ended = ended;
        backups = settings.backups().stream().collect(Collectors.toMap(Destination::name, backup -> backup, (a, b) -> a));
    }

    /**
     * Offers it.
     *
     * @param context started
     * @param registry null where nobody measures
     */
    RecipientTools attachTo(CamelContext context, @Nullable MeterRegistry registry) {
        ended.retain(backups.keySet());
        AgreementSettings kept = AgreementSettings.of(settings);
        checks = new RecipientChecks(callouts(context), settings.checkRate(), settings.retryFirst(), agreement.recipients(),
                new ReplyMeanings(kept, LOG::warn), registry == null ? (backup, result) -> { } : counter(registry),
                SteadyClock.system(), ended);
        return new RecipientTools(checks, settings.backups(), agreement.store(), kept.addresses());
    }

    private Callouts callouts(CamelContext context) {
        ProducerTemplate template = context.createProducerTemplate();
        return (backup, envelope) -> ask(context, template, backups.get(backup), backup, "", envelope);
    }

    /**
     * Asks a server, over a connection of its own, and waits for the answers.
     *
     * @param backup its name; null for a server that is none
     * @param options further ones of the step, each with an ampersand in front; empty for none
     * @throws Exception when it is not the server's doing
     */
    static RecipientAnswers ask(CamelContext context, ProducerTemplate template, Destination server, @Nullable String backup, String options,
            Envelope envelope) throws Exception {
        Endpoint endpoint = context.getEndpoint("smtp:" + server.address() + "?callout=true&maxConnections=1" + options
                + (backup == null ? "" : "&backup=" + backup));
        Exchange exchange = endpoint.createExchange();
        EnvelopeHeaders.write(envelope, exchange.getMessage());
        template.send(endpoint, exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        return exchange.getProperty(RecipientAnswers.LATEST, RecipientAnswers.class);
    }

    private static BiConsumer<String, String> counter(MeterRegistry registry) {
        return (backup, result) -> Counter.builder("smtpdup.recipients.asked").tag("backup", backup).tag("result", result)
                .description("Recipients that a backup was asked about without a mail, by what it said").register(registry).increment();
    }

    /** Asks no more. A question that is on its way ends with its connection. */
    @Override
    public void close() {
        RecipientChecks open = checks;
        if (open != null) {
            open.close();
        }
    }
}
