package io.smtpdup.backup;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.CopyCounter;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.DamagedCopyException;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;

/**
 * The bean {@code damagedCopies}: tells the log and the metrics of a copy that was set aside, because it cannot be read or is
 * not what was queued.
 */
public final class DamagedCopies {

    private final Backups backups;

    private final Verdicts verdicts;

    public DamagedCopies(Backups backups, Verdicts verdicts) {
        this.backups = backups;
        this.verdicts = verdicts;
    }

    /**
     * Lets nobody wait behind a copy that cannot be delivered, and nothing be delivered that is not what was received.
     *
     * @throws DamagedCopyException when the exchange has no whole mail
     */
    static void requireWhole(Exchange exchange) {
        Message copy = exchange.getMessage();
        if (copy.getHeader(CopyConstants.DAMAGE) == null && !EnvelopeHeaders.areIn(copy)) {
            copy.setHeader(CopyConstants.DAMAGE, "it was not queued by a relay");
        }
        String damage = copy.getHeader(CopyConstants.DAMAGE, String.class);
        if (damage != null) {
            throw new DamagedCopyException(damage);
        }
    }

    /** Once the copy lies among the damaged ones. */
    @Handler
    public void log(Exchange exchange) {
        Message copy = exchange.getMessage();
        String backup = exchange.getProperty("backup", String.class);
        if (backup != null) {
            verdicts.lost(copy, backup);
        }
        String id = copy.getHeader(SmtpServerConstants.ID, copy.getHeader(CopyConstants.KEY, "", String.class), String.class);
        MeterRegistry meters = exchange.getContext().getRegistry().findSingleByType(MeterRegistry.class);
        write(id, backup, copy.getHeader(CopyConstants.DAMAGE, String.class), meters);
    }

    /**
     * The same of a copy that the spool has set aside by itself.
     *
     * @param id of its mail, or what names it
     * @param backup the name of the backup whose it was
     * @param meters null for none
     */
    public void log(String id, String backup, String damage, MeterRegistry meters) {
        verdicts.lost(id, backup);
        write(id, backup, damage, meters);
    }

    private void write(String id, String backup, String damage, MeterRegistry meters) {
        String destination = backups.address(QueueNames.WAITING + backup);
        MailLog.damaged(id, destination, damage);
        CopyCounter.DAMAGED.count(destination, meters);
    }
}
