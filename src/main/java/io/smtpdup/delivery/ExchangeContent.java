package io.smtpdup.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

import io.smtpdup.message.HeaderScanner;
import io.smtpdup.message.Origin;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.TypeConversionException;

/**
 * The body of an exchange as message content. A stream that can be read once is replaced, in the exchange too, by a cache
 * that can be read again: for a second attempt, or for the next step of the route.
 */
final class ExchangeContent implements MessageContent {

    private final StreamCache cache;
    private final byte[] octets;
    private final Origin origin;

    private ExchangeContent(StreamCache cache, byte[] octets, Origin origin) {
        this.cache = cache;
        this.octets = octets;
        this.origin = origin;
    }

    /** @param origin what is known of the content; what is not is looked up in it */
    static MessageContent of(Exchange exchange, Origin origin) throws IOException {
        Message message = exchange.getMessage();
        try {
            if (message.getBody() instanceof InputStream && !(message.getBody() instanceof StreamCache)) {
                message.setBody(message.getBody(StreamCache.class));
            }
            if (message.getBody() instanceof StreamCache cache) {
                return new ExchangeContent(cache, null, origin);
            }
            byte[] octets = message.getBody(byte[].class);
            if (octets == null) {
                throw new IOException("the exchange has no message body");
            }
            return new ExchangeContent(null, octets, origin);
        } catch (TypeConversionException e) {
            throw new IOException("the body cannot be read", e);
        }
    }

    @Override
    public long size() {
        if (octets != null) {
            return octets.length;
        }
        return cache.length() > 0 ? cache.length() : -1; // 0 may mean that the cache does not know
    }

    @Override
    public boolean isEightBit() throws IOException {
        return origin.eightBit() != null ? origin.eightBit() : scan().eightBit;
    }

    @Override
    public boolean isHeaderEightBit() throws IOException {
        return origin.eightBitHeader() != null ? origin.eightBitHeader() : scan().header.sawEightBit();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        if (octets != null) {
            new ByteArrayInputStream(octets).transferTo(out);
        } else {
            cache.reset();
            cache.writeTo(out);
            cache.reset();
        }
    }

    private Scan scan() throws IOException {
        Scan scan = new Scan();
        writeTo(scan);
        return scan;
    }

    /** Looks for octets above 127. */
    private static final class Scan extends OutputStream {

        private final HeaderScanner header = new HeaderScanner();
        private boolean eightBit;

        @Override
        public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) {
            header.take(octets, offset, offset + length);
            for (int i = offset; i < offset + length && !eightBit; i++) {
                eightBit = octets[i] < 0;
            }
        }
    }
}
