package io.smtpdup.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

import io.smtpdup.agreement.Damaged;
import io.smtpdup.message.PrivateFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in which something is remembered as a whole. One that cannot be opened (no right to, too many open files) may be quite good: it
 * is tried again, and not written over until it was read. One that makes no sense is set aside. For one thread.
 */
final class HistoryFile {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryFile.class);

    private final Path file;

    private final String what;

    private final Reader reader;

    private boolean known;

    private boolean complained;

    /** Adds what the file has to what is known; all of it, or nothing when it throws. */
    @FunctionalInterface
    interface Reader {

        void read(byte[] content) throws IOException;
    }

    /** @param what is remembered, for the log */
    HistoryFile(Path file, String what, Reader reader) {
        this.file = file;
        this.what = what;
        this.reader = reader;
    }

    /** Reads the file, unless that is done; to be called again now and then. */
    void read() {
        if (known) {
            return;
        }
        try {
            reader.read(Files.readAllBytes(file));
            isKnown();
        } catch (NoSuchFileException e) {
            isKnown();
        } catch (IOException | RuntimeException e) {
            if (Damaged.isMeantBy(e)) {
                setAside(e);
            } else {
                complain(what + " cannot be read now, which is tried again, and is not written over until then: " + e);
            }
        }
    }

    private void setAside(Exception damage) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            isKnown();
            LOG.warn("agreement: {} begins anew: {} cannot be read ({}) and was set aside as {}", what, file, damage.toString(),
                    aside.getFileName());
        } catch (IOException e) {
            complain(what + " cannot be read (" + damage + "), nor set aside: " + e);
        }
    }

    /** What is in the file counts no longer, even if it cannot be read. Returns whether it was not read, so that it has to be written. */
    boolean startAnew() {
        boolean unread = !known;
        isKnown();
        return unread;
    }

    private void isKnown() {
        known = true;
        complained = false;
    }

    /** Writes it, if it was read before. Returns whether it is written. */
    boolean write(PrivateFiles.Content content) {
        if (!known) {
            return false;
        }
        Path half = file.resolveSibling(file.getFileName() + ".new");
        try {
            PrivateFiles.directory(file.toAbsolutePath().getParent());
            Files.deleteIfExists(half);
            PrivateFiles.write(half, content);
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            complained = false;
            return true;
        } catch (IOException e) {
            complain(what + " cannot be written down: " + e);
            return false;
        }
    }

    /** The same trouble each minute is one line, until it is over. */
    private void complain(String line) {
        if (!complained) {
            complained = true;
            LOG.warn("agreement: {}", line);
        }
    }
}
