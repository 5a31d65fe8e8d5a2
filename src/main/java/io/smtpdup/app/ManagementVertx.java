package io.smtpdup.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.VertxInternal;

/**
 * Vert.x as Camel's management server finds it in the registry. Camel gives its server no options and lets nobody see a
 * connection before it has sent a whole request; so the Vert.x that makes the server adds the limits.
 */
final class ManagementVertx {

    /** Thousands of ids fit into a query. */
    private static final int LONGEST_LINE = 65_536;

    private static final int LARGEST_HEADER = 16_384;

    private ManagementVertx() {
    }

    /**
     * Makes it.
     *
     * @param connections at a time
     * @param patience how long a connection may stay without a whole request
     * @return to be closed by the caller
     */
    static Vertx create(int connections, Duration patience) {
        VertxBuilder builder = new VertxBuilder();
        builder.findTransport(new BoundedTransport(2 * connections)); // those that are just being closed count as well
        Vertx vertx = builder.init().vertx();
        return proxy(VertxInternal.class, vertx, "createHttpServer", options ->
                limited(vertx, vertx.createHttpServer(limited((HttpServerOptions) options)), connections, patience));
    }

    private static HttpServerOptions limited(HttpServerOptions options) {
        // With HTTP/2 one connection carries any number of requests.
        return options.setHttp2ClearTextEnabled(false).setMaxInitialLineLength(LONGEST_LINE).setMaxHeaderSize(LARGEST_HEADER)
                .setHandle100ContinueAutomatically(false);
    }

    @SuppressWarnings("unchecked")
    private static HttpServer limited(Vertx vertx, HttpServer server, int connections, Duration patience) {
        ManagementConnections clients = new ManagementConnections(connections, patience);
        clients.watch(vertx);
        server.connectionHandler(clients::opened).exceptionHandler(broken -> { });
        return proxy(HttpServer.class, server, "requestHandler", handler ->
                server.requestHandler(request -> {
                    if (clients.begins(request)) {
                        ((Handler<HttpServerRequest>) handler).handle(request);
                    }
                }));
    }

    /** What one method of an object does with its one argument. */
    @FunctionalInterface
    private interface Method {

        Object call(Object argument);
    }

    /** The object, one of whose methods with one argument does something else. */
    private static <T> T proxy(Class<T> type, Object object, String name, Method instead) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getName().equals(name) && arguments != null && arguments.length == 1) {
                return instead.call(arguments[0]);
            }
            try {
                return method.invoke(object, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
