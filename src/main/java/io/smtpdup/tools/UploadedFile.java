package io.smtpdup.tools;

import java.nio.file.Path;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;

/** Keeps a request's body in a file while it comes in, so that none of it is in memory. */
final class UploadedFile {

    private final HttpServerRequest request;

    private final Path path;

    private final long limit;

    private final Promise<Void> end = Promise.promise();

    private long size;

    /**
     * @param request paused
     * @param path of a file that is there
     * @param limit octets it may have
     */
    UploadedFile(HttpServerRequest request, Path path, long limit) {
        this.request = request;
        this.path = path;
        this.limit = limit;
    }

    /** Ends well when the whole body is in the file; with a {@link RequestException} when it is too large. */
    Future<Void> receive(Vertx vertx) {
        if (request.getHeader("Expect") != null) {
            request.response().writeContinue();
        }
        return vertx.fileSystem().open(path.toString(), new OpenOptions().setWrite(true).setTruncateExisting(true))
                .compose(file -> {
                    receiveInto(file);
                    request.resume();
                    return end.future().eventually(() -> file.close());
                });
    }

    private void receiveInto(AsyncFile file) {
        request.exceptionHandler(end::tryFail);
        request.handler(octets -> {
            size += octets.length();
            if (size > limit) {
                end.tryFail(RequestException.tooLarge("a mail has at most " + limit + " octets (smtp.max_size)"));
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
