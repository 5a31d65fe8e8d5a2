package io.smtpdup.spool;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;

/** A connection factory whose user is settled, and which is asked for connections, never for contexts. */
@FunctionalInterface
interface PlainConnections extends ConnectionFactory {

    @Override
    Connection createConnection() throws JMSException;

    @Override
    default Connection createConnection(String user, String password) throws JMSException {
        return createConnection();
    }

    @Override
    default JMSContext createContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    default JMSContext createContext(String user, String password) {
        throw new UnsupportedOperationException();
    }

    @Override
    default JMSContext createContext(String user, String password, int sessionMode) {
        throw new UnsupportedOperationException();
    }

    @Override
    default JMSContext createContext(int sessionMode) {
        throw new UnsupportedOperationException();
    }
}
