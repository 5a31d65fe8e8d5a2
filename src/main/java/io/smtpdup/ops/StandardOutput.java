package io.smtpdup.ops;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output that can tell whether what was written has got there. Java's own keeps it to itself when the disk behind it
 * is full or the reader of the pipe is gone, and remembers it for ever when asked.
 */
final class StandardOutput extends PrintStream {

    StandardOutput(OutputStream out) {
        super(out, true, Charset.defaultCharset());
    }

    /** From now on {@link System#out} is one. */
    static void install() {
        System.setOut(new StandardOutput(new FileOutputStream(FileDescriptor.out)));
    }

    /** Whether anything that was printed since the last call has not got there. */
    static boolean hasFailed() {
        return System.out instanceof StandardOutput out && out.takeFailure();
    }

    boolean takeFailure() {
        boolean failed = checkError();
        clearError();
        return failed;
    }
}
