package io.smtpdup.ops;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.Thread.UncaughtExceptionHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once, with {@link #STATUS}, when a part of it has died on which mail depends: then nobody knows what
 * else is half done, and the spool has every copy that was promised. A supervisor starts it again. Whoever finds that
 * memory has run out calls {@link #consider} before anybody is told that something went well.
 *
 * <p>Until it is {@link #arm armed} nothing ends: the process may be somebody else's.
 */
public final class Emergency implements UncaughtExceptionHandler {

    /** What the JVM itself ends with when it is told to end for want of memory (-XX:+ExitOnOutOfMemoryError). */
    public static final int STATUS = 3;

    /** Whose end is that of a listener; the library starts it once. */
    private static final String ACCEPTING = "smtp-server-accept";

    /** For writing a line into a pipe that perhaps nobody reads. */
    private static final long LAST_WORDS_MILLIS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Emergency.class);

    private static final Emergency INSTANCE = new Emergency();

    private static final byte[] OUT_OF_MEMORY = words("out of memory");

    private static final byte[] DEAF = words("the thread that accepts connections has died");

    private final CountDownLatch begun = new CountDownLatch(1);

    private volatile boolean armed;

    private volatile byte[] why = {};

    private Emergency() {
    }

    /** From now on an emergency ends this process. */
    public static void arm() {
        INSTANCE.armed = true;
        // Now, because in an emergency there may be no memory for a thread.
        Thread speaker = new Thread(INSTANCE::speakAndEnd, "emergency");
        speaker.setDaemon(true);
        speaker.start();
        Thread.setDefaultUncaughtExceptionHandler(INSTANCE);
    }

    /** Ends the process when this failure, or what is behind it, is a want of memory. Otherwise returns. */
    public static void consider(Throwable failure) {
        if (isOutOfMemory(failure)) {
            outOfMemory();
        }
    }

    /** Ends the process for want of memory. */
    static void outOfMemory() {
        INSTANCE.end(OUT_OF_MEMORY);
    }

    static boolean isOutOfMemory(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 50; depth++) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** A thread has died. Most are replaced by the pool they belong to; the one that accepts connections is not. */
    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        consider(failure);
        if (thread.getName().startsWith(ACCEPTING)) {
            end(DEAF);
        }
        LOG.error("the thread {} has died: {}", thread.getName(), failure.toString());
        LOG.debug("stack trace", failure);
    }

    private void end(byte[] reason) {
        if (!armed) {
            return;
        }
        why = reason;
        begun.countDown();
        try {
            Thread.sleep(LAST_WORDS_MILLIS);
        } catch (InterruptedException e) {
            // at once, then
        } finally {
            Runtime.getRuntime().halt(STATUS);
        }
    }

    private void speakAndEnd() {
        try {
            begun.await();
            new FileOutputStream(FileDescriptor.err).write(why);
        } catch (InterruptedException | IOException e) {
            // without words, then
        } finally {
            Runtime.getRuntime().halt(STATUS);
        }
    }

    private static byte[] words(String reason) {
        return ("smtp-duplicator: " + reason + "; ending with status " + STATUS + ", so that it is started again (-Xmx says how"
                + " much memory it has)\n").getBytes(StandardCharsets.US_ASCII);
    }
}
