package io.smtpdup.message;

import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Who a mail is from and for, as the SMTP dialogue said it and never as the header fields say it (RFC 5321 section
 * 2.3.1). It reaches the next server as it was given to us.
 *
 * @param reversePath the address of MAIL without angle brackets; empty for the null reverse-path of bounces
 * @param body what the client declared with BODY; null when it declared nothing
 * @param smtpUtf8 whether the client asked for SMTPUTF8 (RFC 6531)
 * @param ret how much of the message a report returns, FULL or HDRS (RFC 3461 section 4.3); null when not said
 * @param envid the sender's own id for the mail, xtext as it came (RFC 3461 section 4.4); null when not said
 * @param forwardPaths the accepted RCPT commands, in their order, duplicates kept
 */
public record Envelope(
        String reversePath, @Nullable BodyType body, boolean smtpUtf8, @Nullable String ret, @Nullable String envid,
        List<Recipient> forwardPaths) {

    public Envelope {
        Objects.requireNonNull(reversePath, "reversePath");
        forwardPaths = List.copyOf(forwardPaths);
    }

    /** An envelope that says nothing about reports. */
    public Envelope(String reversePath, @Nullable BodyType body, boolean smtpUtf8, List<String> recipients) {
        this(reversePath, body, smtpUtf8, null, null, recipients.stream().map(Recipient::new).toList());
    }

    /** The addresses of the recipients without angle brackets. */
    public List<String> recipients() {
        return Recipient.addresses(forwardPaths);
    }

    /** Whether the sender said anything about reports (RFC 3461). */
    public boolean hasDsnParameters() {
        return ret != null || envid != null || Recipient.anyHasDsnParameters(forwardPaths);
    }

    /** True when an address needs SMTPUTF8 to travel. */
    public boolean isInternational() {
        boolean ascii = Path.isAscii(reversePath);
        for (Recipient recipient : forwardPaths) {
            ascii &= Path.isAscii(recipient.address());
        }
        return !ascii;
    }
}
