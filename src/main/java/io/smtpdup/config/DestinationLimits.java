package io.smtpdup.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a backup says itself, behind its address, where the {@code relay.backup_...} keys speak for all of them:
 * {@code concurrency}, {@code connections}, {@code rate} (mails a minute), {@code retry_for}, {@code discard_ehlo} and
 * {@code check_refused}, and the options of {@link CopySelection}.
 *
 * @param concurrency see {@link Key#RELAY_BACKUP_CONCURRENCY}
 * @param connections see {@link Key#RELAY_BACKUP_CONNECTIONS}
 * @param rate see {@link Key#RELAY_BACKUP_RATE}
 * @param retryFor see {@link Key#RELAY_RETRY_FOR}, canonical
 * @param discardEhlo as {@link Key#RELAY_PRIMARY_DISCARD_EHLO} for the primary, canonical
 * @param checkRefused see {@link Key#RELAY_BACKUP_CHECK_REFUSED}
 * @param selection which mails it gets
 */
public record DestinationLimits(
        Optional<Integer> concurrency, Optional<Integer> connections, Optional<Integer> rate, Optional<String> retryFor,
        Optional<String> discardEhlo, Optional<Boolean> checkRefused, CopySelection selection) {

    private static final Set<String> NAMES = Set.of("concurrency", "connections", "rate", "retry_for", "discard_ehlo", "check_refused",
            "only", "except", "sample", "max_size", "to");

    /** Says nothing itself. */
    static final DestinationLimits NONE = of(Map.of());

    /** @throws IllegalArgumentException for an option that does not exist or has a value that is not allowed */
    static DestinationLimits of(Map<String, String> options) {
        options.keySet().forEach(name -> {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("the options are tls, concurrency, connections, rate, retry_for, discard_ehlo, "
                        + "check_refused, only, except, sample, max_size and to");
            }
        });
        return new DestinationLimits(
                number(options, "concurrency", Key.RELAY_BACKUP_CONCURRENCY),
                number(options, "connections", Key.RELAY_BACKUP_CONNECTIONS),
                number(options, "rate", Key.RELAY_BACKUP_RATE),
                value(options, "retry_for", Key.RELAY_RETRY_FOR),
                value(options, "discard_ehlo", Key.RELAY_PRIMARY_DISCARD_EHLO),
                value(options, "check_refused", Key.RELAY_BACKUP_CHECK_REFUSED).map(Boolean::valueOf),
                new CopySelection(
                        list(options, "only"),
                        list(options, "except"),
                        value(options, "sample", CopySelection.PERCENT).map(Double::valueOf),
                        value(options, "max_size", CopySelection.SIZE).map(Integer::valueOf),
                        value(options, "to", CopySelection.ADDRESS)));
    }

    /** Whether there is nothing here, as it must be for the primary. */
    boolean isEmpty() {
        return equals(NONE);
    }

    private static Optional<Integer> number(Map<String, String> options, String name, Key key) {
        return value(options, name, key).map(Integer::valueOf);
    }

    private static List<String> list(Map<String, String> options, String name) {
        return value(options, name, CopySelection.LIST).map(list -> List.of(list.split(","))).orElse(List.of());
    }

    private static Optional<String> value(Map<String, String> options, String name, Key key) {
        return value(options, name, key.rule());
    }

    private static Optional<String> value(Map<String, String> options, String name, Rule rule) {
        if (!options.containsKey(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(rule.canonical().apply(options.get(name)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " must be " + rule.allowed());
        }
    }
}
