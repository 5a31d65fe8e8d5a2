package io.smtpdup.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.config.Destination;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.QueueState;

/**
 * The backups there are at one moment: those of the list, and those that left queues behind, with what is in their queues.
 */
final class KnownBackups {

    private static final String WAITING = "backup.";

    private static final String DEAD = "dead.";

    private static final QueueState NONE = new QueueState("", 0, 0, 0, false, 0);

    private final List<Destination> configured;

    private final Map<String, QueueState> queues;

    KnownBackups(List<Destination> configured, BrokerManagement broker) {
        this.configured = configured;
        queues = broker.queues().stream().collect(Collectors.toMap(QueueState::name, Function.identity(), (a, b) -> a));
    }

    /**
     * A backup.
     *
     * @param address host:port; null when it is not in the list
     */
    record Known(String name, String address, QueueState copies, QueueState deadLetters) {

        String queue() {
            return WAITING + name;
        }

        String deadQueue() {
            return DEAD + name;
        }

        /** What the log calls it. */
        String destination() {
            return address == null ? name : address;
        }
    }

    /** All of them: the list in its order, then the others that still have something, by name. */
    List<Known> all() {
        List<Known> all = new ArrayList<>(configured.stream().map(backup -> known(backup.name(), backup.address())).toList());
        queues.values().stream()
                .filter(queue -> queue.messages() > 0)
                .flatMap(queue -> Stream.of(WAITING, DEAD).filter(queue.name()::startsWith)
                        .map(prefix -> queue.name().substring(prefix.length())))
                .filter(name -> configured.stream().noneMatch(backup -> backup.name().equals(name)))
                .distinct().sorted()
                .forEach(name -> all.add(known(name, null)));
        return all;
    }

    /**
     * Those that are meant.
     *
     * @param names names or addresses; none for all
     * @throws RequestException when there is no such backup
     */
    List<Known> named(List<String> names) {
        return names.isEmpty() ? all() : names.stream().map(this::named).distinct().toList();
    }

    /** The one with that name or address. */
    Known named(String text) {
        Optional<Known> known = all().stream()
                .filter(backup -> text.equalsIgnoreCase(backup.name) || text.equalsIgnoreCase(backup.address))
                .findFirst();
        return known.orElseThrow(() -> RequestException.notFound("there is no backup " + text + ", but "
                + (all().isEmpty() ? "none" : all().stream().map(Known::destination).collect(Collectors.joining(", ")))));
    }

    private Known known(String name, String address) {
        return new Known(name, address, queues.getOrDefault(WAITING + name, NONE), queues.getOrDefault(DEAD + name, NONE));
    }
}
