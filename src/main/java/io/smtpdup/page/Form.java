package io.smtpdup.page;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** What a browser sends of a form: in the query, or as the body. A field that was left empty is none. */
final class Form {

    private static final int LARGEST = 1 << 16;

    private Form() {
    }

    /** As the tools take them, so that a form means exactly what the same command means. */
    static Parameters parameters(String text, Set<String> allowed) {
        return new Parameters(text == null ? null : Arrays.stream(text.split("&"))
                .filter(part -> part.indexOf('=') >= 0 && part.indexOf('=') < part.length() - 1)
                .filter(part -> !part.substring(part.indexOf('=') + 1).replace("+", "").replace("%20", "").isEmpty())
                .collect(Collectors.joining("&")), allowed);
    }

    /**
     * Reads the body; in memory, because a disk may be full.
     *
     * @param patience for the whole of it
     */
    static Future<String> body(Vertx vertx, HttpServerRequest request, Duration patience) {
        Promise<String> end = Promise.promise();
        Buffer body = Buffer.buffer();
        String type = request.getHeader("Content-Type");
        if (type == null || !type.toLowerCase(java.util.Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
            return Future.failedFuture(RequestException.wrong("a form comes as application/x-www-form-urlencoded"));
        }
        long timer = vertx.setTimer(patience.toMillis(), late ->
                end.tryFail(RequestException.tooSlow("the form took too long to arrive (management.timeout_seconds)")));
        request.exceptionHandler(end::tryFail);
        request.handler(octets -> {
            if (end.future().isComplete()) {
                return; // nobody wants the rest
            }
            if (body.length() + octets.length() > LARGEST) {
                end.tryFail(RequestException.tooLarge("a form has at most " + LARGEST + " octets"));
                return;
            }
            body.appendBuffer(octets);
        });
        request.endHandler(done -> end.tryComplete(body.toString(StandardCharsets.ISO_8859_1)));
        request.resume();
        return end.future().onComplete(ended -> vertx.cancelTimer(timer));
    }
}
