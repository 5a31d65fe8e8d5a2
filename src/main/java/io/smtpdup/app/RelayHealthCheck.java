package io.smtpdup.app;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.smtpdup.backup.Gates;
import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.spool.Spool;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** What is looked at beside the listeners, which have a {@link ListenerHealthCheck}: queues, copies and servers. */
final class RelayHealthCheck extends AbstractHealthCheck {

    private final boolean forWatchers;

    private final Consumer<HealthCheckResultBuilder> look;

    /**
     * @param forWatchers whether it is about neither readiness nor life: while it is down mail goes on, another relay would fare no
     *     better, and a restart mends nothing
     */
    private RelayHealthCheck(String id, boolean forWatchers, Consumer<HealthCheckResultBuilder> look) {
        super("smtpdup", id);
        this.forWatchers = forWatchers;
        this.look = look;
    }

    /** Not ready while the queues take no copies: mail would still go through, but its copies would not get on. */
    static RelayHealthCheck ofSpool(Spool spool) {
        return new RelayHealthCheck("spool", false, builder -> {
            builder.detail("overflow", spool.overflow());
            long damaged = spool.damaged();
            if (damaged > 0) {
                builder.message(damaged + " damaged copies are set aside, see damaged in the log").detail("damaged", damaged);
            }
            spool.problem().ifPresent(problem -> builder.message((spool.keeps()
                    ? "the queues take no copies, so copies go to the overflow: " : "copies cannot be stored: ") + problem).down());
        });
    }

    /**
     * Names servers that have left copies which nobody delivers. Always up: mail flows, and an operator has time.
     *
     * @param left a line for each server
     */
    static RelayHealthCheck ofLeftQueues(Supplier<List<String>> left) {
        return new RelayHealthCheck("left-queues", false, builder -> {
            String lines = String.join("; ", left.get());
            if (!lines.isEmpty()) {
                builder.message("not in relay.destination_backups: " + lines).detail("left", lines);
            }
        });
    }

    /** Down while copies cannot be put where they belong, because a step of a route fails that an operator can mend. */
    static RelayHealthCheck ofStuckCopies(Gates gates) {
        return new RelayHealthCheck("stuck-copies", true, builder ->
                gates.all().stream().filter(gate -> gate.setbacks().size() > 0).findFirst().ifPresent(gate -> builder.message(
                        gate.setbacks().size() + " copies for " + gate.address() + " cannot be put where they belong: "
                        + gate.setbacks().cause()).down()));
    }

    /**
     * Down while the primary, or a backup, does not answer.
     *
     * @param role primary or backup
     */
    static RelayHealthCheck ofServers(String role, Destinations destinations) {
        return new RelayHealthCheck(role, true, builder ->
                destinations.all().stream().filter(watch -> watch.role().equals(role)).map(DestinationWatch::snapshot)
                        .sorted(Comparator.comparing(DestinationWatch.Snapshot::address)).forEach(server -> {
                            builder.detail(server.address(), (server.away() ? "away" : "active") + " since " + server.since()
                                    + (server.lastError() == null ? "" : ", last error: " + server.lastError()));
                            if (server.away()) {
                                builder.message("the " + role + " " + server.address() + " is away since " + server.since() + ": "
                                        + server.lastError()).down();
                            }
                        }));
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        look.accept(builder.up());
    }

    @Override
    public boolean isReadiness() {
        return !forWatchers && super.isReadiness();
    }

    @Override
    public boolean isLiveness() {
        return !forWatchers && super.isLiveness();
    }
}
