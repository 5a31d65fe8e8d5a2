package io.smtpdup.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;

import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;

/** A mail's octets where the broker's client has put them, in the middle of what else it has received. */
final class OctetsInMemory extends ByteArrayInputStream implements StreamCache {

    OctetsInMemory(byte[] octets, int from, int length) {
        super(octets, from, length);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(buf, pos, count - pos);
    }

    @Override
    public StreamCache copy(Exchange exchange) {
        return new OctetsInMemory(buf, mark, count - mark);
    }

    @Override
    public boolean inMemory() {
        return true;
    }

    @Override
    public long length() {
        return (long) count - mark;
    }

    @Override
    public long position() {
        return (long) pos - mark;
    }
}
