package io.smtpdup.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

import org.junit.jupiter.api.Test;

/** Standard output on a disk that is full for a while. */
class StandardOutputTest {

    private boolean full;

    private int writes;

    private final ByteArrayOutputStream disk = new ByteArrayOutputStream();

    private final StandardOutput out = new StandardOutput(new OutputStream() {
        @Override
        public void write(int octet) throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
            disk.write(octet);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            writes++;
            super.write(octets, offset, length);
        }
    });

    @Test
    void writesManyLinesWithOneCall() {
        for (int line = 0; line < 100; line++) {
            out.println("line");
        }

        assertThat(out.takeFailure()).isFalse();
        assertThat(disk.toString().lines()).hasSize(100);
        assertThat(writes).isEqualTo(1);
    }

    @Test
    void tellsWhatHasNotGotThereAndGoesOn() {
        full = true;
        out.println("lost");
        assertThat(out.takeFailure()).isTrue();
        assertThat(out.takeFailure()).isFalse();
        full = false;
        out.println("written");

        assertThat(out.takeFailure()).isFalse();
        assertThat(disk.toString()).isEqualTo("written" + System.lineSeparator());
    }
}
