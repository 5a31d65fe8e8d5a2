package io.smtpdup.app;

import java.util.List;

import io.smtpdup.config.Destination;

/**
 * The bean {@code backups}: tells the copies' route which queues there are. The seam between the relay and its spool: who
 * changes what a queue is changes it here and at the head of the backup template.
 */
public final class Backups {

    private final List<String> queues;

    Backups(List<Destination> backups) {
        queues = backups.stream().map(backup -> "seda:backup." + backup.name()).toList();
    }

    /** The endpoint of each backup's queue, in the order of {@code relay.destination_backups}; may be empty. */
    public List<String> queues() {
        return queues;
    }
}
