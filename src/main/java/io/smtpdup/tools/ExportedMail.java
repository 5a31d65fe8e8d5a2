package io.smtpdup.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import io.smtpdup.message.PrivateFiles;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mail that is sent to whoever saves it as a file. It lies in a file of our own before the answer begins, so that nobody who reads slowly
 * keeps the broker waiting.
 */
public final class ExportedMail {

    private static final Logger LOG = LoggerFactory.getLogger(ExportedMail.class);

    private final WorkerExecutor workers;

    private final Path scratch;

    /**
     * @param workers read it from its queue
     * @param scratch a directory for it, made when missing
     */
    public ExportedMail(WorkerExecutor workers, Path scratch) {
        this.workers = workers;
        this.scratch = scratch;
    }

    /** Writes a mail, and returns its id. */
    @FunctionalInterface
    public interface Writer {

        String write(OutputStream out);
    }

    /** Answers with the mail; with nothing when it fails, which the caller then says. */
    public Future<Void> send(HttpServerResponse response, Writer writer) throws IOException {
        PrivateFiles.directory(scratch);
        Path file = Files.createTempFile(scratch, "tools-", ".eml");
        return workers.executeBlocking(() -> {
            try (OutputStream out = Files.newOutputStream(file)) {
                return writer.write(out);
            }
        }, false).compose(id -> response
                .putHeader("Content-Type", "message/rfc822")
                .putHeader("Content-Disposition", "attachment; filename=\"" + id.replaceAll("[^0-9A-Za-z]", "") + ".eml\"")
                .sendFile(file.toString())
        ).onComplete(end -> remove(file));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays until the relay stops", file, e);
        }
    }
}
