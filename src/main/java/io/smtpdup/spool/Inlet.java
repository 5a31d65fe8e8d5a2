package io.smtpdup.spool;

import java.io.IOException;

import org.apache.activemq.artemis.api.core.ActiveMQException;

/** How new copies get into their queues; who sends one hears from its {@link Sent} what has become of it. Safe for several threads. */
interface Inlet {

    /**
     * Sends a copy, and waits for nothing.
     *
     * @throws IOException when it was not sent
     */
    void send(StoredMail mail, Sent sent) throws ActiveMQException, IOException;

    /** As {@link #send}, of a large copy: may wait, and has read it on return. */
    void sendLarge(StoredMail mail, Sent sent) throws Exception;

    /** Opens what is not open; only the {@link SpoolMonitor} does, so that no client waits for a connection. */
    void open() throws Exception;

    /** Parts with the connection, if there is one. Takes no time. */
    void reset();

    void close();
}
