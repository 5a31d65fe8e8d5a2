package io.smtpdup.tools;

import java.nio.file.Path;
import java.time.Duration;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;

/** Keeps a request's body in a file while it comes in, so that none of it is in memory. Size and time are limited. */
final class UploadedFile {

    private static final long LOOK_MILLIS = 250;

    private final HttpServerRequest request;

    private final Path path;

    private final long limit;

    private final String tooLarge;

    private final Duration patience;

    private final Promise<Void> end = Promise.promise();

    private long size;

    /** By the system's monotonic clock, in nanoseconds: when the latest octets came. */
    private long lastAt = System.nanoTime();

    /**
     * @param request paused
     * @param path of a file that is there
     * @param limit octets it may have
     * @param tooLarge what to say of one that has more
     * @param patience how long the next octets may take
     */
    UploadedFile(HttpServerRequest request, Path path, long limit, String tooLarge, Duration patience) {
        this.request = request;
        this.path = path;
        this.limit = limit;
        this.tooLarge = tooLarge;
        this.patience = patience;
    }

    /**
     * Ends well when the whole body is in the file; with a {@link RequestException} when it is too large or too slow.
     *
     * @param within how long all of it may take
     */
    Future<Void> receive(Vertx vertx, Duration within) {
        long startedAt = System.nanoTime();
        long timer = vertx.setPeriodic(LOOK_MILLIS, tick -> {
            long now = System.nanoTime();
            if (now - lastAt > patience.toNanos() || now - startedAt > within.toNanos()) {
                end.tryFail(RequestException.tooSlow("what was sent took too long to arrive (management.timeout_seconds,"
                        + " smtp.data_timeout_seconds)"));
            }
        });
        request.exceptionHandler(end::tryFail);
        if (request.response().closed()) {
            end.tryFail("the client went away");
        }
        return vertx.fileSystem().open(path.toString(), new OpenOptions().setWrite(true).setTruncateExisting(true))
                .compose(file -> {
                    receiveInto(file);
                    if (request.getHeader("Expect") != null) {
                        request.response().writeContinue();
                    }
                    request.resume();
                    return end.future().eventually(() -> file.close());
                })
                .onComplete(ended -> vertx.cancelTimer(timer));
    }

    private void receiveInto(AsyncFile file) {
        request.handler(octets -> {
            if (end.future().isComplete()) {
                return; // nobody wants the rest
            }
            lastAt = System.nanoTime();
            size += octets.length();
            if (size > limit) {
                end.tryFail(RequestException.tooLarge(tooLarge));
                return;
            }
            file.write(octets).onFailure(end::tryFail);
            if (file.writeQueueFull()) {
                request.pause();
                file.drainHandler(drained -> request.resume());
            }
        });
        request.endHandler(done -> end.tryComplete());
    }
}
