package io.smtpdup.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.backup.Backups;
import io.smtpdup.backup.SharedGates;
import io.smtpdup.config.Settings;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.ops.MailLog;
import io.smtpdup.page.PageMemory;
import io.smtpdup.recipients.EndedChecks;
import io.smtpdup.server.Listeners;
import io.smtpdup.spool.ExternalBroker;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.trace.Traces;
import org.jspecify.annotations.Nullable;

/**
 * What stays while settings and routes are read anew: the queues, the listening sockets, what is known of the backups and what was
 * compared. Opened before the first routes run, closed after the last have ended.
 */
final class Ground implements AutoCloseable {

    private final Settings settings;

    private final Spool spool;

    private final Listeners listeners;

    private final SharedGates gates = new SharedGates();

    private final AgreementStore agreement = new AgreementStore();

    private final PrimaryHistory primaries;

    private final EndedChecks checks = new EndedChecks();

    private final PageMemory pages = new PageMemory();

    private final ProcessMeters processMeters = new ProcessMeters();

    /** Null where no mails are remembered. */
    private final @Nullable Traces traces;

    /** Null while it is not open. */
    private volatile @Nullable MessageDirectory scratch;

    private Runnable unfollow = () -> { };

    /**
     * Opens nothing yet.
     *
     * @throws StartException when the broker's address cannot be understood
     */
    Ground(Settings settings, Listeners listeners) {
        this.settings = settings;
        this.listeners = listeners;
        spool = spool(settings);
        primaries = new PrimaryHistory(settings.spoolDirectory().resolve("cutover"), Clock.systemUTC());
        traces = settings.managementTraces() == 0 ? null : new Traces(settings.managementTraces());
    }

    private static Spool spool(Settings settings) {
        try {
            return new Spool(settings.spoolDirectory(), settings.spoolMinFree(), settings.brokerUrl().map(url -> new ExternalBroker(
                    url, settings.brokerUser().orElse(null), settings.brokerPassword().orElse(null))).orElse(null));
        } catch (SpoolException e) {
            throw new StartException(e.getMessage());
        }
    }

    /** Opens the spool, whose directory is locked then. */
    void open() throws Exception {
        spool.start(Backups.names(settings.backups()));
        scratch = MessageDirectory.open(settings.spoolDirectory().resolve("messages"));
        unfollow = traces == null ? unfollow : MailLog.follow(traces);
    }

    Spool spool() {
        return spool;
    }

    Listeners listeners() {
        return listeners;
    }

    /** For what operators upload and save, which takes its time and ends with no reload. After {@link #open}. */
    Path scratch() {
        return Objects.requireNonNull(scratch).path();
    }

    SharedGates gates() {
        return gates;
    }

    AgreementStore agreement() {
        return agreement;
    }

    /** Who was the primary, and the lock of who changes that. */
    PrimaryHistory primaries() {
        return primaries;
    }

    /** What came of the latest questions about recipients. */
    EndedChecks checks() {
        return checks;
    }

    /** The latest mails; null where none are remembered. */
    @Nullable Traces traces() {
        return traces;
    }

    PageMemory pages() {
        return pages;
    }

    /** Shows the process in the metrics, and has the pages plot what they say. */
    void bindTo(MeterRegistry meters) {
        processMeters.bindTo(meters, spool);
        pages.sample(meters);
    }

    /** Closes the spool; copies that wait stay in it. No copy is delivered any more, and the directory is still ours. */
    @Override
    public void close() {
        processMeters.close();
        pages.close();
        agreement.close();
        unfollow.run();
        MessageDirectory open = scratch;
        if (open != null) {
            open.close();
        }
        spool.stop();
    }
}
