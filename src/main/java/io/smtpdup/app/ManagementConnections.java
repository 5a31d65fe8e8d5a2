package io.smtpdup.app;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * The connections of the management port. Their number is limited, so that they never take the file descriptors that mail
 * needs; and those that only wait give way, the longest first, so that a probe is answered whatever else is connected.
 */
final class ManagementConnections {

    private static final long LOOK_MILLIS = 250;

    private final int limit;

    private final long patienceNanos;

    private final Map<HttpConnection, Client> clients = new ConcurrentHashMap<>();

    ManagementConnections(int limit, Duration patience) {
        this.limit = limit;
        this.patienceNanos = patience.toNanos();
    }

    /** A connection: since when it has been without a request, and the answer to the request it has. */
    private static final class Client {

        private volatile long idleSince = System.nanoTime();

        private volatile HttpServerResponse answer;

        boolean isBusy() {
            HttpServerResponse current = answer;
            return current != null && !current.ended() && !current.closed();
        }
    }

    /** Closes those whose time is up, from now on. */
    void watch(Vertx vertx) {
        vertx.setPeriodic(LOOK_MILLIS, tick -> clients.forEach((connection, client) -> {
            if (client.isBusy()) {
                client.idleSince = System.nanoTime();
            } else if (System.nanoTime() - client.idleSince > patienceNanos) {
                connection.close();
            }
        }));
    }

    /** A client has connected. */
    void opened(HttpConnection connection) {
        connection.closeHandler(closed -> clients.remove(connection));
        connection.exceptionHandler(broken -> { });
        if (clients.size() >= limit) {
            Optional<HttpConnection> idle = clients.entrySet().stream().filter(client -> !client.getValue().isBusy())
                    .min(Comparator.comparingLong(client -> client.getValue().idleSince)).map(Map.Entry::getKey);
            if (idle.isEmpty()) {
                connection.close();
                return;
            }
            clients.remove(idle.get());
            idle.get().close();
        }
        clients.put(connection, new Client());
    }

    /** A request's head is there. Returns whether it shall be answered; when not, that is done. */
    boolean begins(HttpServerRequest request) {
        Client client = clients.get(request.connection());
        if (client != null) {
            client.answer = request.response();
        }
        if (request.authority() == null) {
            // The router would log it, with a stack trace, for each that comes.
            request.response().setStatusCode(400).putHeader("Connection", "close").end();
            return false;
        }
        return true;
    }
}
