package io.smtpdup.backup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.smtpdup.config.Destination;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.SpoolEndpoint;
import org.apache.camel.Exchange;

/**
 * The bean {@code backups}: tells the copies' route which queues there are. The seam between the relay and its spool: who
 * changes what a queue is changes it here and in the backup template. A queue has its backup's name, so that it stays the
 * same when the list's order changes.
 */
public final class Backups {

    /** What the endpoint of every queue begins with. */
    static final String SCHEME = "spool:";

    private final List<String> queues;

    private final Map<String, String> addresses = new LinkedHashMap<>();

    public Backups(List<Destination> backups) {
        queues = backups.stream().map(backup -> SCHEME + queue(backup)).toList();
        backups.forEach(backup -> addresses.put(queue(backup), backup.address()));
    }

    /** The address of the backup whose queue that is, as metrics show it; the queue's name when it is nobody's. */
    public String address(String queue) {
        return addresses.getOrDefault(queue, String.valueOf(queue));
    }

    /** The names of all queues that the spool must have, those of the dead letters and of damaged copies too. */
    public static List<String> names(List<Destination> backups) {
        return backups.stream().flatMap(backup -> names(backup.name()).stream()).toList();
    }

    /** The names of one backup's queues, of its {@link Destination#name()}. */
    public static List<String> names(String backup) {
        return QueueNames.KINDS.stream().map(prefix -> prefix + backup).toList();
    }

    /** The name of a backup's queue. */
    private static String queue(Destination backup) {
        return QueueNames.WAITING + backup.name();
    }

    /**
     * The endpoint of one backup's queue, for a route that treats a backup differently.
     *
     * @param backup its address in any form that the settings take, or its name, {@code host:port} or {@code host-port}
     * @throws IllegalArgumentException when it is not in {@code relay.destination_backups}
     */
    public String queueOf(String backup) {
        String text = backup.strip();
        return Stream.of(text, Destination.nameOf(text).orElse(text)).map(name -> SCHEME + QueueNames.WAITING + name).filter(queues::contains).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(backup + " is not in relay.destination_backups"));
    }

    /**
     * The endpoints of all queues but one.
     *
     * @throws IllegalArgumentException as {@link #queueOf}
     */
    public List<String> queuesWithout(String backup) {
        String left = queueOf(backup);
        return queues.stream().filter(queue -> !queue.equals(left)).toList();
    }

    /** The endpoint of each backup's queue, in the order of {@code relay.destination_backups}; may be empty. */
    public List<String> all() {
        return queues;
    }

    /** The names of the queues in which copies wait. */
    Set<String> waiting() {
        return addresses.keySet();
    }

    /** The same for a {@code recipientList} that gives the mail to all of them; the spool hears that so many copies come at once. */
    public List<String> queues(Exchange mail) {
        mail.setProperty(SpoolEndpoint.TOGETHER, queues.size());
        return queues;
    }
}
