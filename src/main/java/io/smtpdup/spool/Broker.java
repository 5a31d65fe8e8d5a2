package io.smtpdup.spool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where the queues are: in this process, or elsewhere. Life: {@link #start}, then {@link #stop}, each once. */
interface Broker {

    /**
     * A new way to it, before the start already; the caller closes it. Every call of its sessions ends in bounded time, and a
     * message that is sent is on the broker's disk when the call is over.
     */
    BrokerAccess access();

    /** A way to its queues that needs no connection; empty when there is none. */
    Optional<LocalQueues> inside();

    /** @throws SpoolException when it can never be used */
    void start() throws Exception;

    /** Has copies looked at that nobody takes out of these queues, as far as it can look at files at all. Takes no time. */
    void look(List<String> queues);

    void stop() throws Exception;

    /** Why it will take no messages whoever asks; empty when only an attempt can tell. */
    Optional<String> problem();

    /** How long a client may wait for it to take a copy. */
    Duration patience();

    /** Whether the messages are on the disk of {@code spool.directory}, whose room then counts. */
    boolean isLocal();

    /** Gives room on the disk back that holds nothing any more. Called while room is short; may take a while. */
    void tidy() throws Exception;

    /** What the log calls it. */
    @Override
    String toString();
}
