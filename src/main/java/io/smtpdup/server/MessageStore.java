package io.smtpdup.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32C;

import io.smtpdup.message.CheckedContent;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.CachedOutputStream;

/**
 * Where a message's octets are kept while a route works on them: Camel's stream cache, which goes to disk when it gets
 * large, and away with the exchange. It never throws while it is written, because the content must be read to its end
 * even when there is no place for it; {@link #failure()} tells afterwards. What comes after {@code limit} octets is
 * counted by the reader and not kept. The checksum is taken before the octets go anywhere.
 */
final class MessageStore extends OutputStream {

    private final CachedOutputStream cache;

    private final CRC32C checksum = new CRC32C();

    private long size;

    private long room;

    private IOException failure;

    /**
     * @param exchange whose end removes what is stored
     * @param limit octets to keep
     */
    MessageStore(Exchange exchange, long limit) {
        this.cache = new CachedOutputStream(exchange);
        this.room = limit;
    }

    @Override
    public void write(int octet) {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
        if (failure != null || length > room) {
            room = Math.min(room, 0);
            return;
        }
        room -= length;
        size += length;
        checksum.update(octets, offset, length);
        try {
            cache.write(octets, offset, length);
        } catch (IOException e) {
            failure = e;
        }
    }

    /** What went wrong on the disk, up to the last octet written; null when nothing did. */
    IOException failure() {
        try {
            cache.flush();
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        return failure;
    }

    /** What was stored, to be read as often as wanted. */
    StreamCache content() throws IOException {
        return new CheckedContent(cache.newStreamCache(), size, checksum.getValue());
    }
}
