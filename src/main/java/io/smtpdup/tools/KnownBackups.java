package io.smtpdup.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.config.Destination;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;

/**
 * The backups there are at one moment: those of the list, and those that left queues behind, with what is in their queues.
 */
final class KnownBackups {

    private static final QueueState NONE = new QueueState("", 0, 0, 0, false, 0);

    private final List<Destination> configured;

    private final Drains drains;

    private final Destination primary;

    private final Map<String, QueueState> queues;

    KnownBackups(List<Destination> configured, Destination primary, Drains drains, BrokerManagement broker) {
        this.configured = configured;
        this.primary = primary;
        this.drains = drains;
        queues = broker.queues().stream().collect(Collectors.toMap(QueueState::name, Function.identity(), (a, b) -> a));
    }

    /** Why there is a queue. */
    enum Role {
        /** It is in the list. */
        BACKUP,
        /** It was in the list and is the primary now, to which its copies go on. */
        PRIMARY,
        /** It was in the list. */
        LEFT
    }

    /**
     * A backup.
     *
     * @param address host:port of the server that gets its copies; null when none does
     */
    record Known(String name, String address, Role role, QueueState copies, QueueState deadLetters, QueueState damaged) {

        String queue() {
            return QueueNames.WAITING + name;
        }

        String deadQueue() {
            return QueueNames.DEAD + name;
        }

        String damagedQueue() {
            return QueueNames.DAMAGED + name;
        }

        /** What the log calls it. */
        String destination() {
            return address == null ? name : address;
        }
    }

    /** All of them: the list in its order, then the others that still have something, by name. */
    List<Known> all() {
        List<Known> all = new ArrayList<>(configured.stream()
                .map(backup -> known(backup.name(), backup.address(), Role.BACKUP)).toList());
        queues.values().stream()
                .filter(queue -> queue.messages() > 0)
                .flatMap(queue -> QueueNames.KINDS.stream().filter(queue.name()::startsWith)
                        .map(prefix -> queue.name().substring(prefix.length())))
                .filter(name -> configured.stream().noneMatch(backup -> backup.name().equals(name)))
                .distinct().sorted()
                .forEach(name -> all.add(left(name)));
        return all;
    }

    private Known left(String name) {
        return drains.isPrimary(name)
                ? known(name, primary.address(), Role.PRIMARY)
                : known(name, drains.target(name).map(Destination::address).orElse(null), Role.LEFT);
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

    /** The one with that name, or address in any form that the settings take; the primary too, though nothing may wait for it. */
    Known named(String text) {
        List<Known> all = all();
        String name = Destination.nameOf(text).orElse(text);
        return Stream.concat(all.stream(), Stream.of(left(primary.name())))
                .filter(known -> text.equalsIgnoreCase(known.name) || text.equalsIgnoreCase(known.address) || known.name.equals(name))
                .findFirst()
                .orElseThrow(() -> RequestException.notFound("there is no backup " + text + ", but "
                        + (all.isEmpty() ? "none" : all.stream().map(Known::destination).collect(Collectors.joining(", ")))));
    }

    private Known known(String name, String address, Role role) {
        return new Known(name, address, role, state(QueueNames.WAITING + name), state(QueueNames.DEAD + name), state(QueueNames.DAMAGED + name));
    }

    private QueueState state(String queue) {
        return queues.getOrDefault(queue, NONE);
    }

    /**
     * One of a list.
     *
     * @param text its address in any form that the settings take, or its name in any case
     */
    static Destination listed(List<Destination> backups, String text) {
        String name = Destination.nameOf(text).orElse(text);
        return backups.stream().filter(one -> one.name().equalsIgnoreCase(text) || one.name().equals(name)).findFirst()
                .orElseThrow(() -> RequestException.notFound("there is no backup " + text + ", but "
                        + (backups.isEmpty() ? "none" : backups.stream().map(Destination::name).collect(Collectors.joining(", ")))));
    }
}
