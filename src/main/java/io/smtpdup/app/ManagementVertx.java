package io.smtpdup.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.VertxInternal;

/**
 * Vert.x as Camel's management server finds it in the registry. Camel gives its server no options and lets nobody see a
 * connection before it has sent a whole request; so the Vert.x that makes the server adds the limits. And the sockets stay when one
 * context follows another: whoever listens on the address of another waits for {@link #turn}, and then gets the requests that come
 * from then on, over the connections that there are.
 */
final class ManagementVertx implements AutoCloseable {

    /** Thousands of ids fit into a query. */
    private static final int LONGEST_LINE = 65_536;

    private static final int LARGEST_HEADER = 16_384;

    private final int connections;

    private final Duration patience;

    private final VertxInternal real;

    private final Vertx shown;

    private final Map<String, Front> fronts = new HashMap<>();

    /**
     * @param connections at a time
     * @param patience how long a connection may stay without a whole request
     */
    ManagementVertx(int connections, Duration patience) {
        this.connections = connections;
        this.patience = patience;
        VertxBuilder builder = new VertxBuilder();
        builder.findTransport(new BoundedTransport(2 * connections)); // those that are just being closed count as well
        real = (VertxInternal) builder.init().vertx();
        shown = (Vertx) Proxy.newProxyInstance(VertxInternal.class.getClassLoader(), new Class<?>[] {VertxInternal.class},
                (proxy, method, arguments) -> method.getName().equals("createHttpServer") && arguments != null
                        ? new Seat((HttpServerOptions) arguments[0]).shown : call(method, real, arguments));
    }

    private static Object call(Method method, Object object, Object[] arguments) throws Throwable {
        try {
            return method.invoke(object, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** For the registry of each context. */
    Vertx vertx() {
        return shown;
    }

    /** Gives the requests that come from now on to those who have begun to listen since the last time. */
    synchronized void turn() {
        fronts.values().forEach(Front::turn);
    }

    @Override
    public void close() {
        real.close();
    }

    private static HttpServerOptions limited(HttpServerOptions options) {
        // With HTTP/2 one connection carries any number of requests.
        return options.setHttp2ClearTextEnabled(false).setMaxInitialLineLength(LONGEST_LINE).setMaxHeaderSize(LARGEST_HEADER)
                .setHandle100ContinueAutomatically(false);
    }

    private synchronized void listen(Seat seat, int port, String host, Handler<AsyncResult<HttpServer>> told) {
        String address = host + ":" + port;
        Front known = fronts.get(address);
        if (known != null) {
            known.next.add(seat);
            seat.front = known;
            told.handle(Future.succeededFuture(seat.shown));
            return;
        }
        Front front = new Front(address, real.createHttpServer(limited(seat.options)));
        front.seat = seat;
        seat.front = front;
        fronts.put(address, front);
        front.server.listen(port, host, result -> {
            if (result.failed()) {
                forget(front);
            }
            told.handle(result);
        });
    }

    private synchronized void forget(Front front) {
        fronts.remove(front.address, front);
    }

    private synchronized void close(Seat seat, Handler<AsyncResult<Void>> told) {
        Front front = seat.front;
        if (front != null && front.seat == seat) {
            forget(front);
            front.server.close(told);
            return;
        }
        if (front != null) {
            front.next.remove(seat);
        }
        told.handle(Future.succeededFuture());
    }

    /** A listening socket, and who answers. */
    private final class Front {

        private final String address;

        private final HttpServer server;

        private final List<Seat> next = new ArrayList<>();

        private volatile Seat seat;

        Front(String address, HttpServer server) {
            this.address = address;
            this.server = server;
            ManagementConnections clients = new ManagementConnections(connections, patience);
            clients.watch(real);
            server.connectionHandler(clients::opened).exceptionHandler(broken -> { }).requestHandler(request -> {
                if (clients.begins(request)) {
                    seat.handler.handle(request);
                }
            });
        }

        void turn() {
            if (!next.isEmpty()) {
                seat = next.get(next.size() - 1);
                next.clear();
            }
        }
    }

    /** What one context takes for its server. */
    private final class Seat {

        private final HttpServerOptions options;

        private final HttpServer shown;

        private volatile Handler<HttpServerRequest> handler;

        private volatile Front front;

        Seat(HttpServerOptions options) {
            this.options = options;
            shown = (HttpServer) Proxy.newProxyInstance(
                    HttpServer.class.getClassLoader(), new Class<?>[] {HttpServer.class}, this::call);
        }

        @SuppressWarnings("unchecked")
        private Object call(Object proxy, Method method, Object[] arguments) throws Throwable {
            String called = method.getName() + (arguments == null ? 0 : arguments.length);
            switch (called) {
                case "requestHandler1" -> handler = (Handler<HttpServerRequest>) arguments[0];
                case "listen3" -> listen(this, (int) arguments[0], (String) arguments[1],
                        (Handler<AsyncResult<HttpServer>>) arguments[2]);
                case "close1" -> close(this, (Handler<AsyncResult<Void>>) arguments[0]);
                case "actualPort0" -> {
                    return front == null ? 0 : front.server.actualPort();
                }
                case "equals1" -> {
                    return proxy == arguments[0];
                }
                case "hashCode0" -> {
                    return System.identityHashCode(this);
                }
                case "toString0" -> {
                    return "management server";
                }
                default -> throw new UnsupportedOperationException(method.toString());
            }
            return proxy;
        }
    }
}
