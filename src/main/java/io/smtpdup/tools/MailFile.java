package io.smtpdup.tools;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.HeaderScanner;
import io.smtpdup.message.MailId;
import io.smtpdup.message.Path.MalformedPathException;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;

/**
 * A mail as a file, {@code .eml}: the envelope as header fields in front, which end with a field of their own, then the
 * mail's octets as they are. Every mail viewer shows it, and reading it gives back exactly the envelope and the octets. What
 * a mail itself says in such fields, behind the last of ours, is never read.
 *
 * @param id null when the file has none
 * @param envelope null when the file has none
 * @param size octets of the mail when it was written; null when the file does not say
 * @param checksum CRC32C of them, in hexadecimal digits; null when the file does not say
 * @param primary what the primary said when it took the mail for these recipients; null when the file does not say
 * @param offset octets in front of the mail
 */
record MailFile(String id, Envelope envelope, Long size, String checksum, Reply primary, long offset) {

    private static final String PREFIX = "X-SMTP-Duplicator-";

    private static final String ID = PREFIX + "Id";

    private static final String REVERSE_PATH = PREFIX + "Reverse-Path";

    private static final String RECIPIENT = PREFIX + "Recipient";

    private static final String RET = PREFIX + "Ret";

    private static final String ENVID = PREFIX + "Envid";

    private static final String BODY = PREFIX + "Body";

    private static final String SMTPUTF8 = PREFIX + "SMTPUTF8";

    private static final String SIZE = PREFIX + "Size";

    private static final String CHECKSUM = PREFIX + "CRC32C";

    private static final String PRIMARY = PREFIX + "Primary";

    private static final String DAMAGE = PREFIX + "Damage";

    private static final String END = PREFIX + "Envelope";

    private static final String END_VALUE = "ends here";

    /** Octets of our longest line: a path has at most 900, ORCPT 500. */
    private static final int LONGEST_LINE = 2000;

    /** Characters of the primary's reply that are kept. */
    private static final int REPLY_LENGTH = 400;

    /** What is to be known of a mail before it can be queued. */
    record Content(long size, boolean eightBit, boolean eightBitHeader) {
    }

    /** Writes the envelope's fields. */
    private static void writeEnvelope(Message mail, OutputStream out) throws IOException {
        String id = mail.getHeader(SmtpServerConstants.ID, "", String.class);
        Envelope envelope = EnvelopeHeaders.read(mail).orElseThrow();
        StringBuilder fields = new StringBuilder();
        field(fields, ID, id);
        field(fields, REVERSE_PATH, "<" + envelope.reversePath() + ">");
        envelope.forwardPaths().forEach(recipient -> field(fields, RECIPIENT, RecipientLine.of(recipient)));
        if (envelope.ret() != null) {
            field(fields, RET, envelope.ret());
        }
        if (envelope.envid() != null) {
            field(fields, ENVID, envelope.envid());
        }
        if (envelope.body() != null) {
            field(fields, BODY, envelope.body().keyword());
        }
        if (envelope.smtpUtf8()) {
            field(fields, SMTPUTF8, "yes");
        }
        if (mail.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict) {
            String reply = verdict.reply().toString();
            field(fields, PRIMARY, reply.substring(0, Math.min(REPLY_LENGTH, reply.length())).strip());
        }
        if (mail.getHeader(CopyConstants.DAMAGE) != null) {
            field(fields, DAMAGE, mail.getHeader(CopyConstants.DAMAGE, String.class).replaceAll("\\p{Cntrl}", " "));
        } else if (mail.getBody() instanceof CheckedContent content) {
            field(fields, SIZE, String.valueOf(content.length()));
            field(fields, CHECKSUM, digits(content.checksum()));
        }
        field(fields, END, END_VALUE);
        out.write(fields.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a mail, with or without its envelope. */
    static void write(Message mail, boolean withEnvelope, OutputStream out) throws IOException {
        if (withEnvelope) {
            writeEnvelope(mail, out);
        }
        StreamCache content = mail.getBody(StreamCache.class);
        content.reset();
        content.writeTo(out);
    }

    /**
     * Reads the envelope in front of a mail.
     *
     * @throws RequestException when there is one that cannot be used
     */
    static MailFile read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(in);
        }
    }

    private static MailFile read(InputStream in) throws IOException {
        String id = null;
        String reversePath = null;
        List<Recipient> recipients = new ArrayList<>();
        String ret = null;
        String envid = null;
        BodyType body = null;
        boolean smtpUtf8 = false;
        Long size = null;
        String checksum = null;
        Reply primary = null;
        long offset = 0;
        Set<String> seen = new HashSet<>();
        for (int number = 1;; number++) {
            byte[] line = line(in);
            offset += line.length;
            String text = text(line, number);
            int colon = text.indexOf(": ");
            if (colon < 0 || !text.startsWith(PREFIX)) {
                if (number == 1 && !text.startsWith(PREFIX)) {
                    return new MailFile(null, null, null, null, null, 0);
                }
                throw RequestException.wrong("line " + number + " is not one of the envelope's, which end with \""
                        + END + ": " + END_VALUE + "\"");
            }
            String name = text.substring(0, colon);
            String value = text.substring(colon + 2);
            if (!seen.add(name) && !name.equals(RECIPIENT)) {
                throw RequestException.wrong("line " + number + ": " + name + " is given more than once");
            }
            switch (name) {
                case ID -> id = value;
                case REVERSE_PATH -> reversePath = address(value, number);
                case RECIPIENT -> recipients.add(recipient(value, number));
                case RET -> ret = valid(value, DsnParameters.isRet(value), number);
                case ENVID -> envid = valid(value, DsnParameters.isEnvid(value), number);
                case BODY -> body = BodyType.of(value).orElseThrow(
                        () -> RequestException.wrong(BODY + " is 7BIT or 8BITMIME"));
                case SMTPUTF8 -> smtpUtf8 = valid(value, value.equals("yes"), number) != null;
                case SIZE -> size = Long.valueOf(valid(value, value.matches("[0-9]{1,18}"), number));
                case CHECKSUM -> checksum = valid(value, value.matches("[0-9a-f]{8}"), number);
                case PRIMARY -> primary = reply(value, number);
                case DAMAGE -> throw RequestException.wrong("this is what is left of a damaged copy (" + value
                        + "); take line " + number + " out to send it all the same");
                case END -> {
                    if (reversePath == null || recipients.isEmpty()) {
                        throw RequestException.wrong("the envelope needs " + REVERSE_PATH + " and " + RECIPIENT);
                    }
                    return new MailFile(id != null && MailId.isId(id) ? id : null,
                            new Envelope(reversePath, body, smtpUtf8, ret, envid, recipients), size, checksum, primary, offset);
                }
                default -> throw RequestException.wrong("line " + number + ": an envelope has no such field");
            }
        }
    }

    /**
     * A line without its end.
     *
     * @throws RequestException when one of ours is not UTF-8, or is longer than ours are
     */
    private static String text(byte[] line, int number) {
        boolean ours = new String(line, StandardCharsets.ISO_8859_1).startsWith(PREFIX);
        if (ours && line[line.length - 1] != '\n') {
            throw RequestException.wrong("line " + number + " is longer than an envelope's, or the last");
        }
        return ours ? QueryText.utf8(line, line.length, "line " + number).stripTrailing() : "";
    }

    /** A line with its end; as much of it as one of ours could have. */
    private static byte[] line(InputStream in) throws IOException {
        byte[] line = new byte[LONGEST_LINE];
        int length = 0;
        while (length < LONGEST_LINE) {
            int octet = in.read();
            if (octet < 0) {
                break;
            }
            line[length++] = (byte) octet;
            if (octet == '\n') {
                break;
            }
        }
        return Arrays.copyOf(line, length);
    }

    private static Recipient recipient(String text, int line) {
        Recipient recipient = RecipientLine.read(text)
                .orElseThrow(() -> RequestException.wrong("line " + line + ": malformed recipient"));
        if (recipient.address().isEmpty()) {
            throw RequestException.wrong("line " + line + ": a recipient cannot be <>");
        }
        return recipient;
    }

    private static Reply reply(String text, int line) {
        try {
            return Reply.parse(text);
        } catch (IllegalArgumentException e) {
            throw RequestException.wrong("line " + line + ": malformed value");
        }
    }

    private static String valid(String value, boolean valid, int line) {
        if (!valid) {
            throw RequestException.wrong("line " + line + ": malformed value");
        }
        return value;
    }

    private static String address(String text, int line) {
        return path(text).orElseThrow(() -> RequestException.wrong("line " + line + ": malformed address"));
    }

    /** The address of a path that is the whole text; empty when it is none. */
    static Optional<String> path(String text) {
        if (text.indexOf(QueryText.UNREADABLE) >= 0) {
            return Optional.empty();
        }
        try {
            io.smtpdup.message.Path path = io.smtpdup.message.Path.parse(text);
            return path.end() == text.length() ? Optional.of(path.address()) : Optional.empty();
        } catch (MalformedPathException e) {
            return Optional.empty();
        }
    }

    /**
     * Looks at the mail itself.
     *
     * @throws RequestException when it has a line end that is not CRLF, is empty, or is not what was written
     */
    Content check(Path file) throws IOException {
        HeaderScanner header = new HeaderScanner();
        long size = 0;
        long line = 1;
        CRC32C octets = new CRC32C();
        boolean eightBit = false;
        boolean cr = false;
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(offset);
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                header.take(block, 0, length);
                octets.update(block, 0, length);
                size += length;
                for (int i = 0; i < length; i++) {
                    byte octet = block[i];
                    if (cr != (octet == '\n')) {
                        throw bareNewline(line, octet == '\n' ? "LF" : "CR");
                    }
                    cr = octet == '\r';
                    line += octet == '\n' ? 1 : 0;
                    eightBit |= octet < 0;
                }
            }
        }
        if (cr) {
            throw bareNewline(line, "CR");
        }
        if (size == 0) {
            throw RequestException.wrong("there is no mail in it");
        }
        if (this.size != null && this.size != size || checksum != null && !checksum.equals(digits(octets.getValue()))) {
            throw RequestException.wrong("the mail's " + size + " octets are not those that were written; if that is meant, take "
                    + SIZE + " and " + CHECKSUM + " out");
        }
        return new Content(size, eightBit, header.sawEightBit());
    }

    /** Cuts the envelope off a file, in place of which the mail is left. */
    static Path withoutEnvelope(Path file, long offset) throws IOException {
        Path mail = file.resolveSibling(file.getFileName() + ".mail");
        try (InputStream in = Files.newInputStream(file);
                OutputStream out = Files.newOutputStream(mail, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            in.skipNBytes(offset);
            in.transferTo(out);
        }
        Files.move(mail, file, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    private static RequestException bareNewline(long line, String end) {
        return RequestException.wrong("line " + line + " of the mail has a " + end
                + " alone; all lines must end with CR LF, as unix2dos makes them");
    }

    private static String digits(long checksum) {
        return "%08x".formatted(checksum);
    }

    private static void field(StringBuilder fields, String name, String value) {
        fields.append(name).append(": ").append(value).append("\r\n");
    }
}
