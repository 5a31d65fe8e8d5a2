package io.smtpdup.tools;

import java.util.Optional;

import io.smtpdup.config.Destination;

/** Has copies delivered that wait for a server which is not in the list of backups. Names are those of queues. */
public interface Drains {

    /** Whether the server with that name is the primary now, to which its copies go on by themselves. */
    boolean isPrimary(String name);

    /** Where the copies of that queue go; empty when nobody has asked, and they wait. */
    Optional<Destination> target(String name);

    /**
     * What would get the copies of that queue.
     *
     * @param to as in the settings; null for the server that the queue is named after, with the settings of all
     * @throws IllegalArgumentException when that is no destination
     */
    Destination destination(String name, String to);

    /**
     * Has the queue's copies delivered from now on, until the relay ends; nothing when somebody has asked already.
     *
     * @throws RequestException when nobody would do it, because the relay reloads or stops
     */
    void drain(String name, Destination server);
}
