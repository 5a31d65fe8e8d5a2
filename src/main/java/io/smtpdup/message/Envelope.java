package io.smtpdup.message;

import java.util.List;
import java.util.Objects;

/**
 * Who a mail is from and for, as the SMTP dialogue said it and never as the header fields say it (RFC 5321 section
 * 2.3.1). It reaches the next server as it was given to us.
 *
 * @param reversePath the address of MAIL without angle brackets; empty for the null reverse-path of bounces
 * @param body what the client declared with BODY; null when it declared nothing
 * @param smtpUtf8 whether the client asked for SMTPUTF8 (RFC 6531)
 * @param recipients the addresses of the accepted RCPT commands without angle brackets, in their order, duplicates kept
 */
public record Envelope(String reversePath, BodyType body, boolean smtpUtf8, List<String> recipients) {

    public Envelope {
        Objects.requireNonNull(reversePath, "reversePath");
        recipients = List.copyOf(recipients);
    }

    /** True when an address needs SMTPUTF8 to travel. */
    public boolean isInternational() {
        return !isAscii(reversePath) || !recipients.stream().allMatch(Envelope::isAscii);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }
}
