package io.smtpdup.ops;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output that can tell whether what was written has got there. Java's own keeps it to itself when the disk behind it
 * is full or the reader of the pipe is gone, and remembers it for ever when asked. What is printed goes there when somebody
 * asks, or flushes: many lines at once.
 */
final class StandardOutput extends PrintStream {

    private static final int BUFFER = 64 << 10;

    StandardOutput(OutputStream out) {
        super(new Lines(out), false, Charset.defaultCharset());
    }

    /** Lines on their way. What cannot be written is not kept for later, when it has been counted as lost. */
    private static final class Lines extends BufferedOutputStream {

        Lines(OutputStream out) {
            super(out, BUFFER);
        }

        @Override
        public synchronized void flush() throws IOException {
            try {
                super.flush();
            } finally {
                count = 0;
            }
        }
    }

    /** From now on {@link System#out} is one. */
    static void install() {
        System.setOut(new StandardOutput(new FileOutputStream(FileDescriptor.out)));
    }

    /** Whether anything that was printed since the last call has not got there; now it has, or never will. */
    static boolean hasFailed() {
        return System.out instanceof StandardOutput out && out.takeFailure();
    }

    boolean takeFailure() {
        boolean failed = checkError();
        clearError();
        return failed;
    }
}
