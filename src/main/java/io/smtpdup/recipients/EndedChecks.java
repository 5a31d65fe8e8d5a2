package io.smtpdup.recipients;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.smtpdup.recipients.RecipientChecks.Status;
import io.smtpdup.recipients.Results.Result;
import org.jspecify.annotations.Nullable;

/**
 * What came of the latest check of each backup, kept while those who make them are replaced: a reload makes no server better. Of what it
 * took to ask, nothing is kept. Safe for use by several threads.
 */
public final class EndedChecks {

    /** By the backup's name, which says its host and port. */
    private final Map<String, Ended> latest = new ConcurrentHashMap<>();

    /**
     * One of them.
     *
     * @param server what the backup called itself
     */
    record Ended(Status status, List<Map.Entry<String, Result>> notTaken, String server) {
    }

    void add(Status status, List<Map.Entry<String, Result>> notTaken, String server) {
        latest.put(status.backup(), new Ended(status, notTaken, server));
    }

    /**
     * The latest of a backup.
     *
     * @param id that it should have; null for any
     */
    Optional<Ended> of(String backup, @Nullable String id) {
        return Optional.ofNullable(latest.get(backup)).filter(one -> id == null || one.status.job().equals(id));
    }

    /** Forgets those of others. */
    public void retain(Collection<String> backups) {
        latest.keySet().retainAll(backups);
    }
}
