package io.smtpdup.app;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Stage;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.QuestionCounts;
import io.smtpdup.backup.Questions;
import io.smtpdup.backup.Refusals;
import io.smtpdup.backup.Verdicts;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.server.Refusal;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolException;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asking the backups about recipients that the primary refuses, as a part of the program: made of the operator's template
 * {@code question} where a backup is to be asked. Without that template, which a directory of routes that is older than this has not, and
 * without anybody who compares, nothing is asked and one line says so.
 */
final class QuestionPart implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);

    private static final String TEMPLATE = "question";

    /** Refusals that depend on the recipient alone. */
    private static final Set<Category> OF_RECIPIENTS = EnumSet.of(Category.ADDRESS, Category.MAILBOX);

    /** Those that depend on the client as well, whom a backup knows only with XCLIENT: else it would judge the relay. */
    private static final Set<Category> OF_CLIENTS = EnumSet.of(Category.CONTENT, Category.SENDER_AUTH, Category.RELAY_TRUST);

    private final Settings settings;

    private final List<Destination> asked;

    private final AgreementPart agreement;

    private final Spool spool;

    private final QuestionCounts counts;

    private final Questions questions;

    private final Refusals refusals;

    private boolean routed;

    QuestionPart(Settings settings, Spool spool, Gates gates, Verdicts verdicts, AgreementPart agreement) {
        this.settings = settings;
        this.agreement = agreement;
        this.spool = spool;
        asked = settings.backups().stream().filter(settings::checksRefused).toList();
        counts = new QuestionCounts(asked);
        questions = new Questions(settings, gates, verdicts, counts, this::categoryOf, SteadyClock.system());
        refusals = new Refusals(asked, spool, this::isAboutRecipient, verdicts, counts);
    }

    private boolean isAboutRecipient(Refusal refusal) {
        Category category = categoryOf(Answer.of(Stage.RCPT, refusal.reply(), refusal.server()));
        return OF_RECIPIENTS.contains(category)
                || OF_CLIENTS.contains(category) && settings.presentsClients();
    }

    private Category categoryOf(Answer answer) {
        Agreement store = agreement.store();
        return store == null ? Category.SYSTEM : store.categoryOf(answer);
    }

    /** Gives the registry what the template names, and the listeners whom to tell. */
    void bindTo(BiConsumer<String, Object> registry) {
        registry.accept("questions", questions);
        if (!asked.isEmpty()) {
            registry.accept("refusals", refusals);
        }
    }

    /** Adds a route for each backup that is asked. */
    void addTo(CamelContext context) {
        if (asked.isEmpty()) {
            return;
        }
        String names = asked.stream().map(Destination::address).collect(Collectors.joining(", "));
        if (!settings.agreement().isOn(Key.AGREEMENT_ENABLED)) {
            LOG.warn("{}: not asked about refused recipients ({}), because agreement.enabled is false", names,
                    Key.RELAY_BACKUP_CHECK_REFUSED.text());
        } else if (context.getCamelContextExtension().getContextPlugin(Model.class).getRouteTemplateDefinition(TEMPLATE) == null) {
            LOG.warn("{}: not asked about refused recipients ({}), because no file in routes/ has the template {}: add the shipped"
                    + " 50-questions.camel.yaml", names, Key.RELAY_BACKUP_CHECK_REFUSED.text(), TEMPLATE);
        } else {
            asked.forEach(backup -> TemplatedRouteBuilder.builder(context, TEMPLATE).routeId(QueueNames.QUESTIONS + backup.name())
                    .prefixId(QueueNames.QUESTIONS + backup.name() + ".")
                    .parameter("name", backup.name()).parameter("address", backup.address()).add());
            routed = true;
        }
    }

    /**
     * Begins to note refusals, in a context that has started.
     *
     * @param meters null where nobody measures
     */
    void attachTo(CamelContext context, MeterRegistry meters) {
        forgetOthers();
        if (!routed || agreement.store() == null) {
            return;
        }
        if (meters != null) {
            counts.bindTo(meters, name -> spool.queue(QueueNames.QUESTIONS + name).map(QueueState::messages)
                    .map(Long::doubleValue).orElse(Double.NaN));
        }
        refusals.start(context);
    }

    /** What nobody reads would stay forever, and be asked about months later. */
    private void forgetOthers() {
        try {
            List<String> readers = routed ? asked.stream().map(Destination::name).toList() : List.of();
            long removed = spool.removeQuestionsBut(readers);
            if (removed > 0) {
                LOG.info("{} questions about refused recipients were for backups that are not asked any more, and are removed", removed);
            }
        } catch (SpoolException e) {
            LOG.debug("questions to backups that are not asked any more stay", e);
        }
    }

    /** Nobody is asked any more; what waits stays in the spool. */
    void stopAsking() {
        questions.close();
    }

    /** Puts away what clients have brought to the end; the queues must be open, and no client is there. */
    @Override
    public void close() {
        refusals.close();
    }
}
