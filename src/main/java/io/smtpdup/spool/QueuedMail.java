package io.smtpdup.spool;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.DamagedContentException;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.message.LargeBodyReader;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.CachedOutputStream;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * A mail as it comes out of a queue, whole, and looked at whether it is what was written. A message of
 * {@link Spool#STREAMED_FROM} octets or more comes in pieces, and lies in a file.
 *
 * @param headers those of the envelope and those of {@link CopyConstants}, among them
 *     {@link CopyConstants#DAMAGE} when the copy is not whole
 * @param content the octets, or what is left of them; gone with the exchange they were read for
 */
record QueuedMail(Map<String, Object> headers, StreamCache content) {

    /** Of a file that has grown, as much more than its mail's octets is kept. */
    private static final long SURPLUS = 1 << 16;

    private static final int PIECE = 1 << 16;

    /** Whether the message was made by a relay, or is one that was set aside. */
    static boolean isIn(Message message) {
        return message.containsProperty(MailProperties.FORM) || message.containsProperty(MailProperties.DAMAGE);
    }

    /** What names a message among all, as the broker's filters write it; null when nothing does. */
    static String key(Message message) {
        return message.getUserID() == null ? null : "ID:" + message.getUserID();
    }

    /** As {@link #key}, but when there is none its number at this broker. */
    static String name(Message message) {
        String key = key(message);
        return key == null ? String.valueOf(message.getMessageID()) : key;
    }

    /**
     * Reads the mail of a message.
     *
     * @param exchange whose end removes the content; it remembers a damaged copy for {@link StoredMail#of}
     * @throws IOException when there is no room for it
     * @throws ActiveMQException when the broker does not give it out
     */
    static QueuedMail read(ICoreMessage message, Exchange exchange) throws ActiveMQException, IOException {
        Map<String, Object> properties;
        try {
            properties = MailProperties.of(message);
        } catch (RuntimeException e) {
            // What the broker's client says to properties that are none, for example since a bit of its journal fell over.
            return unreadable(message, e).damaged(exchange, "its properties cannot be read: " + e);
        }
        Body body = body(message, properties, exchange);
        try {
            if (properties.get(MailProperties.DAMAGE) != null) {
                throw new DamagedContentException(properties.get(MailProperties.DAMAGE).toString());
            }
            if (!properties.containsKey(MailProperties.FORM)) {
                properties.putIfAbsent(MailProperties.ID, name(message));
                properties.put(MailProperties.SIZE, body.size);
                throw new DamagedContentException("it was not queued by a relay");
            }
            StreamCache content = body.check(properties);
            return new QueuedMail(MailCodec.headers(properties, body.recipients), content);
        } catch (DamagedContentException e) {
            return new Found(new StoredMail(properties, body.recipients, body.content)).damaged(exchange, e.getMessage());
        }
    }

    /** A message that is not, or is not any more, the mail that a relay has queued, as it was found. */
    private record Found(StoredMail mail) {

        /** Has the exchange know it, and tells what can still be told. */
        QueuedMail damaged(Exchange exchange, String reason) {
            exchange.setProperty(StoredMail.FOUND, mail);
            Map<String, Object> headers = MailCodec.headersLeft(mail.properties());
            headers.put(CopyConstants.DAMAGE, reason);
            return new QueuedMail(headers, mail.content());
        }
    }

    /** Of what even the properties cannot be told. */
    private static Found unreadable(ICoreMessage message, RuntimeException why) {
        Map<String, Object> properties = new LinkedHashMap<>();
        byte[] octets = new byte[0];
        try {
            properties.put(MailProperties.ID, name(message));
            ActiveMQBuffer body = message.getReadOnlyBodyBuffer();
            octets = new byte[body.readableBytes()];
            body.readBytes(octets);
        } catch (RuntimeException e) {
            why.addSuppressed(e); // then this is all that is left
        }
        return new Found(new StoredMail(properties, new byte[0], new InputStreamCache(octets)));
    }

    /**
     * What a message's body was.
     *
     * @param content the octets behind the recipients, as many as were kept
     * @param size how many there were
     * @param checksum of all of them
     */
    private record Body(byte[] recipients, StreamCache content, long size, long checksum) {

        /** A copy that was written without a checksum is what it is. */
        StreamCache check(Map<String, Object> properties) throws DamagedContentException {
            Long written = MailProperties.number(properties, MailProperties.CHECKSUM);
            Long octets = MailProperties.number(properties, MailProperties.SIZE);
            if (written != null && octets != null && (size != octets || checksum != written)) {
                throw new DamagedContentException(size == octets
                        ? "its " + size + " octets are not those that were queued"
                        : "it has " + size + " octets and should have " + octets);
            }
            return new CheckedContent(content, size, checksum);
        }
    }

    private static Body body(ICoreMessage message, Map<String, Object> properties, Exchange exchange)
            throws ActiveMQException, IOException {
        long recipients = limit(properties, MailProperties.RECIPIENTS_SIZE);
        if (!message.isLargeMessage()) {
            return smallBody(message, recipients);
        }
        try (CachedOutputStream cache = new CachedOutputStream(exchange)) {
            SplitOutput split = new SplitOutput(cache, recipients,
                    properties.containsKey(MailProperties.CHECKSUM) ? limit(properties, MailProperties.SIZE) + SURPLUS : Long.MAX_VALUE);
            try {
                copyLarge(message, split);
            } catch (ActiveMQException e) {
                split.rethrow();
                throw e;
            }
            split.rethrow();
            cache.flush();
            return split.body(cache.newStreamCache());
        }
    }

    private static void copyLarge(ICoreMessage message, OutputStream out) throws ActiveMQException, IOException {
        if (message instanceof ClientMessage received) {
            received.saveToOutputStream(out);
            return;
        }
        try (LargeBodyReader reader = message.getLargeBodyReader()) {
            reader.open();
            byte[] piece = new byte[(int) Math.min(PIECE, Math.max(1, reader.getSize()))];
            for (int read = 1; read > 0; ) {
                read = reader.readInto(ByteBuffer.wrap(piece));
                out.write(piece, 0, Math.max(0, read));
            }
        }
    }

    /** Its octets stay where the broker, or its client, has them. */
    private static Body smallBody(ICoreMessage message, long recipients) {
        ByteBuf received = message.getBodyBuffer().byteBuf().duplicate(); // others may read it too
        ByteBuf body = received.hasArray() ? received : Unpooled.copiedBuffer(received);
        byte[] list = new byte[(int) Math.min(recipients, body.readableBytes())];
        body.readBytes(list);
        int from = body.arrayOffset() + body.readerIndex();
        CRC32C checksum = new CRC32C();
        checksum.update(body.array(), from, body.readableBytes());
        return new Body(list, new OctetsInMemory(body.array(), from, body.readableBytes()), body.readableBytes(), checksum.getValue());
    }

    /** Octets of a body that are kept at most when there are more than its properties say. */
    static long most(Map<String, Object> properties) {
        return properties.containsKey(MailProperties.CHECKSUM)
                ? limit(properties, MailProperties.RECIPIENTS_SIZE) + limit(properties, MailProperties.SIZE) + SURPLUS : Long.MAX_VALUE;
    }

    private static long limit(Map<String, Object> properties, String name) {
        return properties.get(name) instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }

    /** Keeps the first octets apart, passes others on, and drops what is too much. */
    private static final class SplitOutput extends FilterOutputStream {

        private final ByteArrayOutputStream head = new ByteArrayOutputStream();

        private final long headSize;

        private final CRC32C checksum = new CRC32C();

        private long size;

        private long room;

        /** Of our own disk; the broker's client would tell of it as if the message were to blame. */
        private IOException failure;

        SplitOutput(OutputStream rest, long headSize, long room) {
            super(rest);
            this.headSize = headSize;
            this.room = room;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            int mine = (int) Math.min(length, headSize - head.size());
            head.write(octets, offset, mine);
            int rest = (int) Math.min(length - mine, room);
            room -= rest;
            size += length - mine;
            checksum.update(octets, offset + mine, length - mine);
            try {
                out.write(octets, offset + mine, rest);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void close() {
            // the cache is not the broker's to close
        }

        Body body(StreamCache kept) {
            return new Body(head.toByteArray(), kept, size, checksum.getValue());
        }

        void rethrow() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
