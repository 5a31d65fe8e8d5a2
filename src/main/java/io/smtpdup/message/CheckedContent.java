package io.smtpdup.message;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.CRC32C;

import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * The octets of a mail, with what they were when it was received: their number and their checksum. Whoever reads them to the
 * end, from memory, from a file or from a queue, has either read exactly those, or a {@link DamagedContentException} before
 * the last block of them; so that no server gets the final dot of a mail that was shortened, lengthened or altered meanwhile.
 *
 * <p>A route that puts another body into an exchange thereby drops the checksum of the old one.
 */
public final class CheckedContent extends InputStream implements StreamCache {

    private static final int BLOCK = 1 << 16;

    private static final byte[] NOTHING = {};

    private final StreamCache source;

    private final InputStream stream;

    private final long size;

    private final long checksum;

    private final CRC32C soFar = new CRC32C();

    private long position;

    /** What was found; nobody shall read on behind it. */
    private @Nullable String damage;

    /**
     * @param source the octets, which is an InputStream as well, as all of Camel's are; at its beginning
     * @param size in octets
     * @param checksum CRC32C (RFC 9260 appendix A) of all octets
     */
    public CheckedContent(StreamCache source, long size, long checksum) {
        this.source = source;
        this.stream = (InputStream) source;
        this.size = size;
        this.checksum = checksum;
    }

    /**
     * With the size and the checksum that the octets have now.
     *
     * @throws IOException when they cannot be read
     */
    public static CheckedContent of(StreamCache source) throws IOException {
        if (source instanceof CheckedContent checked) {
            return checked;
        }
        CRC32C checksum = new CRC32C();
        long size = 0;
        byte[] block = new byte[block(source.length())];
        source.reset();
        InputStream in = (InputStream) source;
        for (int read = in.read(block); read >= 0; read = in.read(block)) {
            checksum.update(block, 0, read);
            size += read;
        }
        source.reset();
        return new CheckedContent(source, size, checksum.getValue());
    }

    /** CRC32C of all octets. */
    public long checksum() {
        return checksum;
    }

    @Override
    public int read() throws IOException {
        byte[] octet = new byte[1];
        int read = read(octet, 0, 1);
        return read < 0 ? -1 : octet[0] & 0xFF;
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
        int read = damage == null ? stream.read(octets, offset, length) : -1;
        check(octets, offset, read);
        return read;
    }

    /** @param count of the octets that are next; -1 when there are no more */
    private void check(byte[] octets, int offset, int count) throws DamagedContentException {
        if (count > 0) {
            soFar.update(octets, offset, count);
            position += count;
        }
        if (count < 0 && position < size) {
            damaged("it has " + position + " of " + size + " octets");
        } else if (position > size) {
            damaged("it has more than its " + size + " octets");
        } else if (position == size && soFar.getValue() != checksum) {
            damaged("its " + size + " octets are not those that were received");
        }
    }

    private void damaged(String what) throws DamagedContentException {
        damage = damage == null ? what : damage;
        throw new DamagedContentException(damage);
    }

    @Override
    public int available() throws IOException {
        return stream.available();
    }

    /** Writes what has not been read yet. */
    @Override
    public void writeTo(OutputStream out) throws IOException {
        if (source.inMemory() && damage == null) {
            source.writeTo(new Checks(out));
            check(NOTHING, 0, -1);
            return;
        }
        byte[] block = new byte[block(size)];
        for (int read = read(block); read >= 0; read = read(block)) {
            out.write(block, 0, read);
        }
    }

    @Override
    public void reset() {
        source.reset();
        soFar.reset();
        position = 0;
        damage = null;
    }

    @Override
    public StreamCache copy(Exchange exchange) throws IOException {
        return new CheckedContent(source.copy(exchange), size, checksum);
    }

    @Override
    public boolean inMemory() {
        return source.inMemory();
    }

    @Override
    public long length() {
        return size;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    private static int block(long size) {
        return (int) Math.max(1, Math.min(BLOCK, size));
    }

    /** Passes on what lies in memory, without a copy, once it has looked at it. */
    private final class Checks extends FilterOutputStream {

        Checks(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            check(octets, offset, length);
            out.write(octets, offset, length);
        }
    }
}
