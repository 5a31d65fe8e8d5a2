package io.smtpdup.server;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.Extensions;
import io.smtpdup.message.NextHop;

/**
 * What EHLO tells one client that it may use, and so what its MAIL and RCPT may say (RFC 5321 section 4.1.1.1). What the
 * next hop cannot take is not announced: the client can then decide what to do with its mail.
 *
 * @param maxSize octets, for SIZE (RFC 1870); -1 when SIZE may not be said
 * @param startTls whether the client may go on under TLS (RFC 3207)
 * @param eightBitMime whether BODY may be said (RFC 6152)
 * @param smtpUtf8 whether SMTPUTF8 may be said (RFC 6531)
 * @param dsn whether RET, ENVID, NOTIFY and ORCPT may be said (RFC 3461)
 * @param onBehalf whether XCLIENT and XFORWARD may be said
 */
record Announcement(
        long maxSize, boolean startTls, boolean eightBitMime, boolean smtpUtf8, boolean dsn, boolean onBehalf) {

    /** Of a session without EHLO. */
    static final Announcement NONE = new Announcement(-1, false, false, false, false, false);

    /**
     * What we can offer now.
     *
     * @param startTls whether STARTTLS makes sense: there is a certificate, and no TLS yet
     * @param trusted whether the client may say for whom it speaks
     * @param nextHop who answers MAIL and RCPT; null when we do. One that has not been reached yet is taken to be able to do
     *        what is usual; DSN is not, and its loss would go unnoticed
     */
    static Announcement of(SmtpServerConfiguration configuration, boolean startTls, boolean trusted, NextHop nextHop) {
        long ours = configuration.getMaxSize();
        Extensions its = nextHop == null ? null : nextHop.extensions().orElse(null);
        if (its == null) {
            return new Announcement(ours, startTls, true, true, false, trusted);
        }
        return new Announcement(Math.min(ours, its.maxSize().orElse(ours)), startTls,
                its.has("8BITMIME"), its.has("SMTPUTF8"), its.has("DSN"), trusted);
    }

    /** The keywords, as the lines of the reply to EHLO have them. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("PIPELINING");
        lines.add("SIZE " + maxSize);
        if (startTls) {
            lines.add("STARTTLS");
        }
        lines.add("ENHANCEDSTATUSCODES");
        if (eightBitMime) {
            lines.add("8BITMIME");
        }
        if (smtpUtf8) {
            lines.add("SMTPUTF8");
        }
        if (dsn) {
            lines.add("DSN");
        }
        if (onBehalf) {
            String attributes = String.join(" ", ClientAttributes.NAMES);
            lines.add("XCLIENT " + attributes);
            lines.add("XFORWARD " + attributes);
        }
        return lines;
    }

    /** Whether who was told this may use nothing that the other does not have. */
    boolean isWithin(Announcement other) {
        return maxSize <= other.maxSize && (!startTls || other.startTls) && (!eightBitMime || other.eightBitMime)
                && (!smtpUtf8 || other.smtpUtf8) && (!dsn || other.dsn) && (!onBehalf || other.onBehalf);
    }

    /** Whether a parameter of MAIL or RCPT was announced. */
    boolean covers(String parameter) {
        return switch (parameter) {
            case "SIZE" -> maxSize >= 0;
            case "BODY" -> eightBitMime;
            case "SMTPUTF8" -> smtpUtf8;
            case "RET", "ENVID", "NOTIFY", "ORCPT" -> dsn;
            default -> false;
        };
    }
}
