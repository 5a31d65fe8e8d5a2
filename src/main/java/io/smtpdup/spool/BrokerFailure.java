package io.smtpdup.spool;

import java.util.EnumSet;
import java.util.Set;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;

/** What to tell an operator about a failure at the broker; Artemis and Spring wrap the one line that matters. */
public final class BrokerFailure {

    /** Artemis: unable to validate user. What a user may not do later has another number. */
    private static final String NO_LOGIN = "AMQ229031";

    /** Artemis: timed out waiting for the cluster's topology, the first thing that any broker says. */
    private static final String NO_ANSWER = "AMQ219013";

    private static final Set<ActiveMQExceptionType> AWAY = EnumSet.of(
            ActiveMQExceptionType.NOT_CONNECTED, ActiveMQExceptionType.CONNECTION_TIMEDOUT, ActiveMQExceptionType.DISCONNECTED,
            ActiveMQExceptionType.OBJECT_CLOSED, ActiveMQExceptionType.UNBLOCKED);

    private BrokerFailure() {
    }

    /** Whether it is of the connection, and not what the broker answers to one call. */
    static boolean isAway(ActiveMQException failure) {
        return AWAY.contains(failure.getType());
    }

    /** Whether the broker has answered that it does not want another session of ours. */
    static boolean isRefusal(ActiveMQException failure) {
        return failure.getType() == ActiveMQExceptionType.SECURITY_EXCEPTION
                || failure.getType() == ActiveMQExceptionType.SESSION_CREATION_REJECTED;
    }

    /** The innermost reason, on one line. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String text = cause.getMessage();
        if (text == null || text.isBlank()) {
            return cause instanceof ActiveMQException known ? known.getType().toString() : cause.getClass().getSimpleName();
        }
        String line = text.strip().replaceAll("\\s+", " ");
        if (cause instanceof ActiveMQSecurityException && line.contains(NO_LOGIN)) {
            return "it refuses the login, see spool.broker_user and spool.broker_password: " + line;
        }
        return line.startsWith(NO_ANSWER) ? "it does not answer" : line;
    }
}
