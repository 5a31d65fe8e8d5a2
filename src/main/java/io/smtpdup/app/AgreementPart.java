package io.smtpdup.app;

import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.agreement.AgreementWatcher;
import io.smtpdup.agreement.AskedRecipients;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Relation;
import io.smtpdup.agreement.Report;
import io.smtpdup.backup.Backups;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.QuietCheck;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.BackupHistory;
import io.smtpdup.tools.SideHistory;
import io.smtpdup.tools.Steering;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the primary and the backups say about each mail, as a part of the program: opened before the first copy is delivered, told
 * of each that is final, closed after the last. Where it is switched off, or there is no backup to compare, it does nothing. A store that
 * cannot be opened stops no start.
 */
final class AgreementPart implements AgreementWatcher, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);

    private final Settings settings;

    private final Backups backups;

    private final AgreementSettings store;

    private final AgreementMeters meters = new AgreementMeters();

    private final AgreementStore shared;

    private volatile AgreementTools tools;

    /** @param shared outlives this */
    AgreementPart(Settings settings, Backups backups, AgreementStore shared) {
        this.settings = settings;
        this.backups = backups;
        this.shared = shared;
        store = AgreementSettings.of(settings);
    }

    /** Whether there is something to compare. */
    boolean isWanted() {
        return settings.agreement().isOn(Key.AGREEMENT_ENABLED) && !settings.backups().isEmpty();
    }

    /** Begins to record. What was compared with a backup that has left the list can still be read. */
    void open() {
        if (isWanted() || settings.agreement().isOn(Key.AGREEMENT_ENABLED) && Files.isDirectory(store.directory())) {
            shared.open(store);
        }
    }

    /** From now on this is who hears of what is compared. */
    void listen() {
        shared.tell(this);
    }

    /** Takes what has become final, of one backup; waits for nothing and throws nothing. Before {@link #open} it is not recorded. */
    void record(List<Comparison> comparisons) {
        Agreement open = shared.agreement();
        if (open != null) {
            open.record(comparisons);
        }
    }

    /** Null before {@link #open}, and where nothing is compared. */
    Agreement store() {
        return shared.agreement();
    }

    /**
     * Shows it: in the metrics, and to whoever asks.
     *
     * @param registry null where nobody measures
     * @return empty where nothing is compared
     */
    Optional<AgreementTools> attachTo(
            MeterRegistry registry, Steering steering, Gates gates, QuietCheck quiet, Destinations destinations) {
        Agreement open = shared.agreement();
        if (open == null) {
            return Optional.empty();
        }
        BackupHistory history = new BackupHistory(store.directory().resolve("history"), store.retain(), gates, registry == null
                ? (counter, address) -> 0
                : (counter, address) -> (long) counter.of(address, registry).count(), shared.counted(), quiet, SteadyClock.system());
        SideHistory sides = new SideHistory(store.directory().resolve("servers"), store.retain(), destinations, settings.primary(),
                settings.backups(), SteadyClock.system());
        tools = new AgreementTools(open, steering, history, quiet, sides, recipients(), settings.backups(), SteadyClock.system());
        if (registry != null) {
            meters.bindTo(registry, open, tools, settings.backups());
        }
        tools.start();
        return Optional.of(tools);
    }

    /** What backups said when they were asked about recipients; null where nothing is compared. After {@link #open}. */
    @Nullable AskedRecipients recipients() {
        return shared.recipients();
    }

    @Override
    public void newKind(String backup, Report.Difference first) {
        String id = first.examples().isEmpty() ? "" : first.examples().get(0).id();
        MailLog.difference(id, backups.address(QueueNames.WAITING + backup), first.relation(), first.category(), first.stage(),
                first.primary(), first.backup());
    }

    @Override
    public void compared(String backup, Relation relation, Category category) {
        try {
            meters.compared(backup, relation, category);
        } catch (RuntimeException e) { // which must not keep what is recorded from being written down
            LOG.debug("a comparison is not in the metrics", e);
        }
    }

    @Override
    public void trouble(String line) {
        LOG.warn(line);
    }

    /** Looks and answers no more; what it has seen is written down. */
    @Override
    public void close() {
        AgreementTools open = tools;
        tools = null;
        if (open != null) {
            open.close();
        }
    }
}
