package io.smtpdup.backup;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.CopyCounter;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** The bean {@code deadLetters}: tells the log and the metrics of a copy that has become a dead letter. */
public final class DeadLetters {

    /** Once the copy lies in its queue; an exchange with a copy that was not given up is none of its business. */
    public void log(Exchange exchange) {
        Message copy = exchange.getMessage();
        if (copy.getHeader(CopyConstants.DEAD_AT) == null) {
            return;
        }
        Passage passage = Passage.of(exchange);
        Exception cause = Passage.failure(exchange);
        String backup = passage == null ? "none" : passage.gate().address();
        MailLog.deadLettered(
                copy.getHeader(SmtpServerConstants.ID, String.class),
                backup,
                EnvelopeHeaders.read(copy).orElseThrow(),
                copy.getHeader(SmtpServerConstants.SIZE, 0L, Long.class),
                copy.getHeader(CopyConstants.LAST_REPLY),
                copy.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class),
                cause == null ? null : cause.getMessage());
        CopyCounter.DEAD.count(backup, exchange.getContext().getRegistry().findSingleByType(MeterRegistry.class));
    }
}
