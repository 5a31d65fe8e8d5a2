package io.smtpdup.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.SmtpServerConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;

/** The bean {@code lostCopies}: where a copy ends that its backup will not get, never without a word in the log. */
public final class LostCopies {

    /** Logs and counts the copy in the exchange, with the failure that ended it. */
    @Handler
    public void lost(Exchange exchange) {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        MailLog.lost(
                exchange.getMessage().getHeader(SmtpServerConstants.ID, String.class),
                place(exchange.getProperty(Exchange.FAILURE_ENDPOINT, "", String.class)),
                cause == null ? null : cause.toString());
        MeterRegistry meters = exchange.getContext().getRegistry().findSingleByType(MeterRegistry.class);
        if (meters != null) {
            meters.counter("smtpdup.copies.lost").increment();
        }
    }

    /** Of an endpoint's URI what the other events show: host and port, or the name of a queue. */
    private static String place(String uri) {
        return uri.replaceFirst("^[a-z]+:/*", "").replaceFirst("\\?.*", "");
    }
}
