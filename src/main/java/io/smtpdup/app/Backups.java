package io.smtpdup.app;

import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.config.Destination;

/**
 * The bean {@code backups}: tells the copies' route which queues there are. The seam between the relay and its spool: who
 * changes what a queue is changes it here and in the backup template. A queue has its backup's name, so that it stays the
 * same when the list's order changes.
 */
public final class Backups {

    private final List<String> queues;

    Backups(List<Destination> backups) {
        queues = backups.stream().map(backup -> "jms:queue:" + queue(backup)).toList();
    }

    /** The names of all queues that the spool must have, those of the dead letters too. */
    static List<String> names(List<Destination> backups) {
        return backups.stream().flatMap(backup -> Stream.of(queue(backup), "dead." + backup.name())).toList();
    }

    private static String queue(Destination backup) {
        return "backup." + backup.name();
    }

    /** The endpoint of each backup's queue, in the order of {@code relay.destination_backups}; may be empty. */
    public List<String> queues() {
        return queues;
    }
}
