package io.smtpdup.spool;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.DamagedContentException;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Origin;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.message.Verdict;
import org.apache.camel.Message;

/**
 * The one place where a mail becomes what lies in a queue or in the overflow, and where that becomes the mail again: everything but
 * its octets.
 */
final class MailCodec {

    private static final int PLAIN_FORM = 1;

    /** With RET, ENVID, NOTIFY or ORCPT (RFC 3461), which a relay that does not know them must not lose. */
    private static final int DSN_FORM = 2;

    /** What the envelope's checksum is of, besides the recipients. A change here needs another {@link MailProperties#FORM}. */
    private static final List<String> ENVELOPE = List.of(
            MailProperties.ID, MailProperties.REVERSE_PATH, MailProperties.BODY_TYPE, MailProperties.RET, MailProperties.ENVID,
            MailProperties.SMTPUTF8);

    private static final int FIRST_RECIPIENTS_LENGTH = 8192;

    /** What is known of the copy in whole numbers, by its header. */
    private static final Map<String, String> NUMBERS = Map.of(
            CopyConstants.ACCEPTED_AT, MailProperties.ACCEPTED_AT,
            CopyConstants.FIRST_ATTEMPT_AT, MailProperties.FIRST_ATTEMPT_AT,
            CopyConstants.LAST_ATTEMPT_AT, MailProperties.LAST_ATTEMPT_AT,
            CopyConstants.DEAD_AT, MailProperties.DEAD_AT,
            CopyConstants.UNKNOWN, MailProperties.UNKNOWN);

    /** A reply that fills pages would not fit into a journal's record with all the others. */
    private static final int REPLY_LENGTH = 4096;

    /** More lines of the primary's than that say nothing more. */
    private static final int VERDICT_LENGTH = 1024;

    /** An address that no name server is asked for. */
    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F.:]+");

    private MailCodec() {
    }

    /** The list of recipients, as it lies in front of the octets. */
    static byte[] recipients(Envelope envelope) throws IOException {
        return RecipientList.write(envelope.forwardPaths(), envelope.hasDsnParameters());
    }

    /**
     * The properties of a mail.
     *
     * @param recipients as {@link #recipients} makes them
     */
    static Map<String, Object> of(Message mail, Envelope envelope, byte[] recipients, CheckedContent content) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(MailProperties.FORM, envelope.hasDsnParameters() ? DSN_FORM : PLAIN_FORM);
        put(properties, MailProperties.ID, mail.getHeader(SmtpServerConstants.ID, String.class));
        properties.put(MailProperties.REVERSE_PATH, envelope.reversePath());
        put(properties, MailProperties.BODY_TYPE, envelope.body() == null ? null : envelope.body().keyword());
        put(properties, MailProperties.RET, envelope.ret());
        put(properties, MailProperties.ENVID, envelope.envid());
        properties.put(MailProperties.SMTPUTF8, envelope.smtpUtf8());
        putAll(properties, envelope.origin());
        properties.put(MailProperties.SIZE, content.length());
        properties.put(MailProperties.CHECKSUM, content.checksum());
        properties.put(MailProperties.FIRST_RECIPIENTS, firstOf(envelope.forwardPaths()));
        properties.put(MailProperties.RECIPIENT_COUNT, envelope.forwardPaths().size());
        properties.put(MailProperties.RECIPIENTS_SIZE, recipients.length);
        properties.put(MailProperties.ENVELOPE_CHECKSUM, checksum(properties, recipients));
        properties.put(MailProperties.ACCEPTED_AT, SteadyClock.system().millis());
        NUMBERS.forEach((header, name) -> put(properties, name, mail.getHeader(header, Long.class)));
        properties.put(MailProperties.ATTEMPTS, mail.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class));
        put(properties, MailProperties.STUCK, mail.getHeader(CopyConstants.STUCK, String.class));
        put(properties, MailProperties.DEFERRAL, mail.getHeader(CopyConstants.DEFERRAL, String.class));
        if (mail.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict) {
            putAll(properties, verdict, envelope);
        }
        properties.putAll(due(mail));
        String reply = mail.getHeader(CopyConstants.LAST_REPLY, String.class);
        put(properties, MailProperties.LAST_REPLY, reply == null ? null
                : reply.substring(0, Math.min(REPLY_LENGTH, reply.length())));
        return properties;
    }

    private static void putAll(Map<String, Object> properties, Origin origin) {
        put(properties, MailProperties.PROTOCOL, origin.protocol());
        put(properties, MailProperties.EIGHT_BIT, origin.eightBit());
        put(properties, MailProperties.EIGHT_BIT_HEADER, origin.eightBitHeader());
        ClientIdentity client = origin.client();
        if (client != null) {
            properties.put(MailProperties.CLIENT_ADDRESS, client.address().getAddress().getHostAddress());
            properties.put(MailProperties.CLIENT_PORT, client.address().getPort());
            put(properties, MailProperties.CLIENT_NAME, client.name());
            put(properties, MailProperties.CLIENT_PROTOCOL, client.protocol());
            put(properties, MailProperties.HELO, client.helo());
        }
    }

    /** The primary has said nothing about recipients that a route has put in, and a copy for some of them cannot be compared. */
    private static void putAll(Map<String, Object> properties, Verdict verdict, Envelope envelope) {
        List<String> recipients = envelope.recipients();
        if (recipients.equals(verdict.recipients()) || new HashSet<>(verdict.recipients()).containsAll(recipients)) {
            properties.put(MailProperties.PRIMARY_REPLY, text(verdict.reply()));
            properties.put(MailProperties.PRIMARY_SERVER, verdict.server());
            put(properties, MailProperties.PRIMARY_TOOK, verdict.took() == null ? null : verdict.took().toMillis());
        }
    }

    private static String text(Reply reply) {
        StringBuilder text = new StringBuilder();
        for (Iterator<String> lines = reply.lines().iterator(); lines.hasNext(); ) {
            String line = lines.next();
            boolean last = !lines.hasNext() || text.length() + line.length() > VERDICT_LENGTH;
            text.append(reply.code()).append(last ? ' ' : '-').append(line).append(last ? "" : "\n");
            if (last) {
                break;
            }
        }
        return text.toString();
    }

    /** When the queue gives it out, if not at once. */
    static Map<String, Object> due(Message mail) {
        Long due = mail.getHeader(CopyConstants.DUE_AT, Long.class);
        return due == null ? Map.of()
                : Map.of(MailProperties.WANTED_AT, due, MailProperties.DUE_AT, due + SteadyClock.system().step().toMillis());
    }

    private static void put(Map<String, Object> properties, String name, Object value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static String firstOf(List<Recipient> recipients) {
        StringBuilder text = new StringBuilder();
        for (Recipient recipient : recipients) {
            if (text.length() + recipient.address().length() >= FIRST_RECIPIENTS_LENGTH) {
                break;
            }
            text.append(text.isEmpty() ? "" : "\n").append(recipient.address());
        }
        return text.toString();
    }

    /**
     * The headers of the mail's envelope and those of {@link CopyConstants}.
     *
     * @throws DamagedContentException when something is missing, or not what was written
     */
    static Map<String, Object> headers(Map<String, Object> properties, byte[] recipients) throws DamagedContentException {
        Long form = MailProperties.number(properties, MailProperties.FORM);
        if (form == null || form != PLAIN_FORM && form != DSN_FORM) {
            throw new DamagedContentException(form == null || form < PLAIN_FORM ? "it was not queued by a relay"
                    : "it was written by a later version of this program");
        }
        Long checksum = MailProperties.number(properties, MailProperties.ENVELOPE_CHECKSUM);
        if (checksum != null && checksum != checksum(properties, recipients)) {
            throw new DamagedContentException("its envelope is not the one that was queued");
        }
        if (!properties.containsKey(MailProperties.REVERSE_PATH)) {
            throw new DamagedContentException("it has no reverse-path");
        }
        try {
            return new Kept(properties, true).headers(RecipientList.read(recipients, form == DSN_FORM));
        } catch (IOException e) {
            throw new DamagedContentException("its envelope cannot be read: " + e.getMessage());
        }
    }

    /** As {@link #headers}, as far as they can be told of a copy that is damaged. */
    static Map<String, Object> headersLeft(Map<String, Object> properties) {
        String known = String.valueOf(properties.getOrDefault(MailProperties.FIRST_RECIPIENTS, ""));
        List<String> recipients = known.isEmpty() ? List.of() : List.of(known.replaceAll("[\\p{Cntrl}&&[^\n]]", " ").split("\n"));
        try {
            return new Kept(properties, false).headers(recipients.stream().map(Recipient::new).toList());
        } catch (IOException e) {
            throw new IllegalStateException(e); // which it throws of a whole copy only
        }
    }

    /** Properties that become a mail again; those of a copy that is not whole tell what they can. */
    private record Kept(Map<String, Object> properties, boolean whole) {

        Map<String, Object> headers(List<Recipient> recipients) throws IOException {
            String reversePath = text(MailProperties.REVERSE_PATH);
            String body = text(MailProperties.BODY_TYPE);
            Map<String, Object> headers = EnvelopeHeaders.of(new Envelope(
                    reversePath == null ? "" : reversePath, body == null ? null : BodyType.of(body).orElse(null),
                    Boolean.TRUE.equals(flag(MailProperties.SMTPUTF8)), text(MailProperties.RET), text(MailProperties.ENVID), recipients,
                    new Origin(client(), text(MailProperties.PROTOCOL),
                            flag(MailProperties.EIGHT_BIT), flag(MailProperties.EIGHT_BIT_HEADER))));
            put(headers, SmtpServerConstants.ID, text(MailProperties.ID));
            put(headers, SmtpServerConstants.SIZE, number(MailProperties.SIZE));
            for (Map.Entry<String, String> number : NUMBERS.entrySet()) {
                put(headers, number.getKey(), number(number.getValue()));
            }
            Long attempts = number(MailProperties.ATTEMPTS);
            put(headers, CopyConstants.ATTEMPTS, attempts == null ? null : attempts.intValue());
            put(headers, CopyConstants.STUCK, text(MailProperties.STUCK));
            put(headers, CopyConstants.DEFERRAL, lines(MailProperties.DEFERRAL));
            put(headers, SmtpServerConstants.VERDICT, verdict(Recipient.addresses(recipients)));
            put(headers, CopyConstants.LAST_REPLY, text(MailProperties.LAST_REPLY));
            return headers;
        }

        /** One that cannot be read is none: the mail is whole without. */
        private Verdict verdict(List<String> recipients) throws IOException {
            String reply = lines(MailProperties.PRIMARY_REPLY);
            String server = text(MailProperties.PRIMARY_SERVER);
            Long took = number(MailProperties.PRIMARY_TOOK);
            try {
                return reply == null ? null : new Verdict(Reply.parse(reply), server == null ? "" : server,
                        took == null ? null : Duration.ofMillis(took), recipients);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        private String lines(String name) {
            return MailProperties.text(properties, name);
        }

        private ClientIdentity client() throws IOException {
            String address = text(MailProperties.CLIENT_ADDRESS);
            Long port = number(MailProperties.CLIENT_PORT);
            try {
                return address == null || port == null ? null : new ClientIdentity(place(address, port),
                        text(MailProperties.CLIENT_NAME), text(MailProperties.HELO), text(MailProperties.CLIENT_PROTOCOL));
            } catch (IOException e) {
                return nothing(e);
            }
        }

        private Long number(String name) throws IOException {
            try {
                return MailProperties.number(properties, name);
            } catch (IOException e) {
                return nothing(e);
            }
        }

        private Boolean flag(String name) {
            String value = text(name);
            return value == null ? null : Boolean.valueOf(value);
        }

        /** Of what somebody else may have written nothing shall begin a line of its own, in a log or a file. */
        private String text(String name) {
            String value = MailProperties.text(properties, name);
            return value == null || whole ? value : value.replaceAll("\\p{Cntrl}", " ");
        }

        /** Nothing, unless the copy should have told it. */
        private <T> T nothing(IOException unreadable) throws IOException {
            if (whole) {
                throw unreadable;
            }
            return null;
        }
    }

    /** The scope of a link-local address names an interface, which may be gone by now. */
    private static InetSocketAddress place(String address, long port) throws IOException {
        int scope = address.indexOf('%');
        String literal = scope < 0 ? address : address.substring(0, scope);
        if (!LITERAL.matcher(literal).matches() || port < 0 || port > 65535) {
            throw new IOException("the client's address");
        }
        return new InetSocketAddress(InetAddress.getByName(literal), (int) port);
    }

    private static long checksum(Map<String, Object> properties, byte[] recipients) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            for (String name : ENVELOPE) {
                String value = MailProperties.text(properties, name);
                byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
                out.writeInt(value == null ? -1 : text.length);
                out.write(text);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        CRC32C checksum = new CRC32C();
        checksum.update(octets.toByteArray());
        checksum.update(recipients);
        return checksum.getValue();
    }
}
