package io.smtpdup.message;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Who a mail is from and for, as the SMTP dialogue said it and never as the header fields say it (RFC 5321 section
 * 2.3.1). It reaches the next server as it was given to us. On an exchange it is the header {@value SmtpServerConstants#ENVELOPE}, of
 * which a route reads for example <code>${header.CamelSmtpServerEnvelope.origin.client.helo}</code>.
 *
 * @param reversePath the address of MAIL without angle brackets; empty for the null reverse-path of bounces
 * @param body what the client declared with BODY; null when it declared nothing
 * @param smtpUtf8 whether the client asked for SMTPUTF8 (RFC 6531)
 * @param ret how much of the message a report returns, FULL or HDRS (RFC 3461 section 4.3); null when not said
 * @param envid the sender's own id for the mail, xtext as it came (RFC 3461 section 4.4); null when not said
 * @param forwardPaths the accepted RCPT commands, in their order, duplicates kept
 * @param origin how the mail came to us
 */
public record Envelope(
        String reversePath, @Nullable BodyType body, boolean smtpUtf8, @Nullable String ret, @Nullable String envid,
        List<Recipient> forwardPaths, Origin origin) {

    public Envelope {
        Objects.requireNonNull(reversePath, "reversePath");
        Objects.requireNonNull(origin, "origin");
        forwardPaths = List.copyOf(forwardPaths);
    }

    /** An envelope of a mail that is not here yet. */
    public Envelope(
            String reversePath, @Nullable BodyType body, boolean smtpUtf8, @Nullable String ret, @Nullable String envid,
            List<Recipient> forwardPaths) {
        this(reversePath, body, smtpUtf8, ret, envid, forwardPaths, Origin.UNKNOWN);
    }

    /** An envelope that says nothing about reports. */
    public Envelope(String reversePath, @Nullable BodyType body, boolean smtpUtf8, List<String> recipients) {
        this(reversePath, body, smtpUtf8, null, null, recipients.stream().map(Recipient::new).toList());
    }

    /** The same of a mail that has come in like this. */
    public Envelope withOrigin(Origin known) {
        return new Envelope(reversePath, body, smtpUtf8, ret, envid, forwardPaths, known);
    }

    /** The same for these. */
    public Envelope withForwardPaths(List<Recipient> others) {
        return new Envelope(reversePath, body, smtpUtf8, ret, envid, others, origin);
    }

    /** The same for these addresses, each with what was said of it; they may be fewer than before, or others. */
    public Envelope withRecipients(List<?> addresses) {
        return withForwardPaths(chosen(addresses, forwardPaths));
    }

    /** A recipient for each of the addresses, with what was said of it; two mentions of one address are told apart by their order. */
    static List<Recipient> chosen(List<?> addresses, List<?> said) {
        Map<String, Deque<Recipient>> left = new HashMap<>();
        for (Object one : said) {
            if (one instanceof Recipient recipient) {
                left.computeIfAbsent(recipient.address(), address -> new ArrayDeque<>()).add(recipient);
            }
        }
        List<Recipient> chosen = new ArrayList<>(addresses.size());
        for (Object one : addresses) {
            String address = String.valueOf(one);
            Deque<Recipient> same = left.get(address);
            Recipient known = same == null ? null : same.poll();
            chosen.add(known == null ? new Recipient(address) : known);
        }
        return chosen;
    }

    /** The addresses of the recipients without angle brackets. */
    public List<String> recipients() {
        return Recipient.addresses(forwardPaths);
    }

    /** Whether these are the addresses of the recipients, in this order. */
    boolean isTo(List<?> addresses) {
        if (addresses.size() != forwardPaths.size()) {
            return false;
        }
        Iterator<?> address = addresses.iterator();
        for (Recipient recipient : forwardPaths) {
            if (!recipient.address().equals(address.next())) {
                return false;
            }
        }
        return true;
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
