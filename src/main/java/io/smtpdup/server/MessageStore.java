package io.smtpdup.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;

import io.smtpdup.message.CheckedContent;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.CachedOutputStream;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * Where a message's octets are kept while a route works on them: an array, which the route gets as it is, and Camel's stream
 * cache when it gets large, which goes to disk, and away with the exchange. It never throws while it is written, because the
 * content must be read to its end even when there is no place for it; {@link #failure()} tells afterwards. What comes after
 * {@code limit} octets is counted by the reader and not kept. The checksum is taken before the octets go anywhere.
 */
final class MessageStore extends OutputStream {

    private final Exchange exchange;
    private final CRC32C checksum = new CRC32C();
    private byte[] kept;
    private long size;

    /** Takes over from the array; null while that is all. */
    private CachedOutputStream cache;
    private long room;
    private IOException failure;

    /**
     * @param exchange whose end removes what is stored
     * @param first what the message begins with
     * @param limit octets to keep behind that
     */
    MessageStore(Exchange exchange, byte[] first, long limit) {
        this.exchange = exchange;
        this.kept = first;
        this.size = first.length;
        this.room = limit;
        checksum.update(first, 0, first.length);
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
        checksum.update(octets, offset, length);
        try {
            keep(octets, offset, length);
        } catch (IOException e) {
            failure = e;
        }
        size += length;
    }

    private void keep(byte[] octets, int offset, int length) throws IOException {
        long end = size + length;
        if (cache == null && exchange.getContext().getStreamCachingStrategy().shouldSpoolCache(end)) {
            cache = new CachedOutputStream(exchange);
            cache.write(kept, 0, (int) size);
            kept = null;
        }
        if (cache != null) {
            cache.write(octets, offset, length);
            return;
        }
        if (end > kept.length) {
            // exact for a message that comes in one piece
            kept = Arrays.copyOf(kept, (int) Math.max(end, Math.min(2 * size, size + room)));
        }
        System.arraycopy(octets, offset, kept, (int) size, length);
    }

    /** What went wrong on the disk, up to the last octet written; null when nothing did. */
    IOException failure() {
        try {
            if (cache != null) {
                cache.flush();
            }
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        return failure;
    }

    /** What was stored, to be read as often as wanted. */
    StreamCache content() throws IOException {
        StreamCache octets = cache == null ? new InputStreamCache(kept, (int) size) : cache.newStreamCache();
        return new CheckedContent(octets, size, checksum.getValue());
    }
}
