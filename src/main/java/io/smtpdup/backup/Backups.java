package io.smtpdup.backup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.config.Destination;

/**
 * The bean {@code backups}: tells the copies' route which queues there are. The seam between the relay and its spool: who
 * changes what a queue is changes it here and in the backup template. A queue has its backup's name, so that it stays the
 * same when the list's order changes.
 */
public final class Backups {

    /** What the name of every backup's queue begins with. */
    static final String QUEUE = "backup.";

    private final List<String> queues;

    private final Map<String, String> addresses = new HashMap<>();

    public Backups(List<Destination> backups) {
        queues = backups.stream().map(backup -> "jms:queue:" + queue(backup)).toList();
        backups.forEach(backup -> addresses.put(queue(backup), backup.address()));
    }

    /** The address of the backup whose queue that is, as metrics show it; the queue's name when it is nobody's. */
    public String address(String queue) {
        return addresses.getOrDefault(queue, String.valueOf(queue));
    }

    /** The names of all queues that the spool must have, those of the dead letters and of damaged copies too. */
    public static List<String> names(List<Destination> backups) {
        return backups.stream().flatMap(backup -> Stream.of(queue(backup), deadLetters(backup), damaged(backup))).toList();
    }

    /** The name of the queue of a backup's dead letters. */
    public static String deadLetters(Destination backup) {
        return "dead." + backup.name();
    }

    /** The name of the queue of a backup's copies that cannot be read, or are not what was queued. */
    public static String damaged(Destination backup) {
        return "damaged." + backup.name();
    }

    /** The name of a backup's queue. */
    public static String queue(Destination backup) {
        return QUEUE + backup.name();
    }

    /**
     * The endpoint of one backup's queue, for a route that treats a backup differently.
     *
     * @param backup its address or its name, {@code host:port} or {@code host-port}
     * @throws IllegalArgumentException when it is not in {@code relay.destination_backups}
     */
    public String queueOf(String backup) {
        String queue = "jms:queue:" + QUEUE + backup.strip().replace(':', '-');
        if (!queues.contains(queue)) {
            throw new IllegalArgumentException(backup + " is not in relay.destination_backups");
        }
        return queue;
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
    public List<String> queues() {
        return queues;
    }
}
