package io.smtpdup.message;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Our own trace field, the only octets we ever add to a message (RFC 5321 section 4.4).
 *
 * @param client whose session it was
 * @param domain our name
 * @param protocol the word after {@code with} (RFC 3848, RFC 6531 section 4.3)
 * @param id the mail's id
 * @param recipients the recipients; named in the field only when there is exactly one, so that no Bcc is betrayed
 * @param received when the message came in
 */
public record ReceivedField(
        ClientIdentity client, String domain, String protocol, String id, List<String> recipients, Instant received) {

    /** RFC 5322 2.1.1 wants lines of at most 998; an address longer than this is left out. */
    private static final int LONGEST_FOR = 320;

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    /** The latest date written: within a second it is the same for all mails. */
    private static volatile Written latest = new Written(Long.MIN_VALUE, "");

    private record Written(long second, String date) {
    }

    private static final Pattern LITERAL = Pattern.compile("\\[[A-Za-z0-9.:]{1,60}]");

    /**
     * The protocol word for a session.
     *
     * @param spoken SMTP, ESMTP or LMTP
     */
    public static String protocol(String spoken, boolean utf8, boolean tls, boolean authenticated) {
        if (spoken.equals("SMTP")) {
            return spoken;
        }
        String word = utf8 ? "UTF8" + spoken.replaceFirst("^E", "") : spoken;
        return word + (tls ? "S" : "") + (authenticated ? "A" : "");
    }

    /** The whole field, folded, with its CRLF. */
    public byte[] toBytes() {
        StringBuilder field = new StringBuilder(256).append("Received: from ").append(from())
                .append("\r\n\tby ").append(domain).append(" with ").append(protocol).append(" id ").append(id);
        if (recipients.size() == 1 && recipients.get(0).length() <= LONGEST_FOR) {
            field.append("\r\n\tfor <").append(recipients.get(0)).append('>');
        }
        field.append(";\r\n\t").append(date(received)).append("\r\n");
        return field.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String date(Instant time) {
        Written written = latest;
        if (written.second != time.getEpochSecond()) {
            written = new Written(time.getEpochSecond(), DATE.format(time));
            latest = written;
        }
        return written.date;
    }

    /** The name the client gave, when it could be one, and the address, which cannot be forged, with its name when we know it. */
    private String from() {
        InetAddress address = client.address().getAddress();
        String literal = address instanceof Inet6Address
                ? "[IPv6:" + withoutScope(address) + "]"
                : "[" + address.getHostAddress() + "]";
        String seen = client.name() == null ? literal : client.name() + " " + literal;
        String helo = client.helo();
        if (helo == null || !HostName.isOne(helo) && !LITERAL.matcher(helo).matches()) {
            return client.name() == null ? literal : literal + " (" + seen + ")";
        }
        return helo + " (" + seen + ")";
    }

    private static String withoutScope(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
