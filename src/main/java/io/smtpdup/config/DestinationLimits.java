package io.smtpdup.config;

import java.util.Map;
import java.util.Optional;

/**
 * What a backup says itself, behind its address, where the {@code relay.backup_...} keys speak for all of them:
 * {@code concurrency}, {@code connections}, {@code rate} (mails a minute) and {@code retry_for}.
 *
 * @param concurrency see {@link Key#RELAY_BACKUP_CONCURRENCY}
 * @param connections see {@link Key#RELAY_BACKUP_CONNECTIONS}
 * @param rate see {@link Key#RELAY_BACKUP_RATE}
 * @param retryFor see {@link Key#RELAY_RETRY_FOR}, canonical
 */
public record DestinationLimits(
        Optional<Integer> concurrency, Optional<Integer> connections, Optional<Integer> rate, Optional<String> retryFor) {

    /** Says nothing itself. */
    static final DestinationLimits NONE = of(Map.of());

    /** @throws IllegalArgumentException for an option that does not exist or has a value that is not allowed */
    static DestinationLimits of(Map<String, String> options) {
        options.keySet().forEach(name -> {
            if (!name.equals("concurrency") && !name.equals("connections") && !name.equals("rate") && !name.equals("retry_for")) {
                throw new IllegalArgumentException("the options are tls, concurrency, connections, rate and retry_for");
            }
        });
        return new DestinationLimits(
                number(options, "concurrency", Key.RELAY_BACKUP_CONCURRENCY),
                number(options, "connections", Key.RELAY_BACKUP_CONNECTIONS),
                number(options, "rate", Key.RELAY_BACKUP_RATE),
                value(options, "retry_for", Key.RELAY_RETRY_FOR));
    }

    /** Whether there is nothing here, as it must be for the primary. */
    boolean isEmpty() {
        return equals(NONE);
    }

    private static Optional<Integer> number(Map<String, String> options, String name, Key key) {
        return value(options, name, key).map(Integer::valueOf);
    }

    private static Optional<String> value(Map<String, String> options, String name, Key key) {
        if (!options.containsKey(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(key.check(options.get(name)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " must be " + key.allowed());
        }
    }
}
