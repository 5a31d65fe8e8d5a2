package io.smtpdup.tools;

import java.util.Map;

import io.smtpdup.spool.SpoolException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a request to the tools ends: with JSON that answers it, or with JSON that says why nobody did. */
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(ToolServer.class);

    private Answers() {
    }

    static void fail(RoutingContext request, Throwable failure) {
        if (failure instanceof RequestException wrong) {
            fail(request, wrong.status(), wrong.getMessage());
        } else if (failure instanceof SpoolException broken) {
            fail(request, 503, broken.getMessage());
        } else if (request.response().closed()) {
            LOG.debug("a client disconnected from {}", request.normalizedPath(), failure);
        } else {
            LOG.error("a request for {} failed: {}", request.normalizedPath(), failure.toString());
            LOG.debug("stack trace", failure);
            fail(request, 500, "something failed; see the relay's log");
        }
    }

    /** The rest of a body is read and thrown away, or the client might not get to read the answer; for as long as patience lasts. */
    static void fail(RoutingContext request, int status, String reason) {
        if (!request.response().ended()) {
            request.response().putHeader("Connection", "close");
        }
        reply(request, status, Json.write(Map.of("error", reason)));
        if (!request.request().isEnded()) {
            request.request().handler(unwanted -> { }).resume();
        }
    }

    static void reply(RoutingContext request, int status, String json) {
        HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status).putHeader("Content-Type", "application/json").end(json);
        }
    }
}
