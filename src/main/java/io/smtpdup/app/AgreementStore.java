package io.smtpdup.app;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.agreement.AgreementWatcher;
import io.smtpdup.agreement.AskedRecipients;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Relation;
import io.smtpdup.agreement.Report;
import io.smtpdup.message.SteadyClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was compared, kept for as long as the process runs, over every reload: opened once, when there is first something to compare. */
final class AgreementStore implements AgreementWatcher, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);

    private final Map<String, Long> counted = new ConcurrentHashMap<>();

    private volatile @Nullable Agreement agreement;

    private volatile @Nullable AgreementWatcher watcher;

    private @Nullable AgreementSettings settings;

    private @Nullable AskedRecipients recipients;

    /** Opens it when it is not open. One that cannot be opened stops no start. */
    synchronized void open(AgreementSettings wanted) {
        if (agreement == null) {
            try {
                agreement = Agreement.open(wanted, Clock.systemUTC(), SteadyClock.system(), this);
                settings = wanted;
            } catch (RuntimeException e) {
                trouble("agreement: nothing is recorded until the next start: " + e);
            }
        }
    }

    /** Null before {@link #open}, and where there is none. */
    @Nullable Agreement agreement() {
        return agreement;
    }

    /** What backups said when they were asked about recipients; null where nothing is compared. */
    synchronized @Nullable AskedRecipients recipients() {
        if (recipients == null && settings != null) {
            recipients = new AskedRecipients(settings, Clock.systemUTC(), this::trouble);
        }
        return recipients;
    }

    /** How much of what the metrics count of the backups' copies is in their history, which is another one's after a reload. */
    Map<String, Long> counted() {
        return counted;
    }

    /** Who hears of what is compared, from now on. */
    void tell(AgreementWatcher who) {
        watcher = who;
    }

    @Override
    public void newKind(String backup, Report.Difference first) {
        AgreementWatcher who = watcher;
        if (who != null) {
            who.newKind(backup, first);
        }
    }

    @Override
    public void compared(String backup, Relation relation, Category category) {
        AgreementWatcher who = watcher;
        if (who != null) {
            who.compared(backup, relation, category);
        }
    }

    @Override
    public void trouble(String line) {
        LOG.warn(line);
    }

    /** Writes down what was told until now. */
    @Override
    public synchronized void close() {
        Agreement open = agreement;
        if (open != null) {
            open.close();
        }
    }
}
