package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.ActiveMQException;

/** What to tell an operator about a failure at the broker; Artemis and Spring wrap the one line that matters. */
final class BrokerFailure {

    private BrokerFailure() {
    }

    /** The innermost reason, on one line. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String text = cause.getMessage();
        if (text == null || text.isBlank()) {
            return cause instanceof ActiveMQException known ? known.getType().toString() : cause.getClass().getSimpleName();
        }
        return text.strip().replaceAll("\\s+", " ");
    }
}
