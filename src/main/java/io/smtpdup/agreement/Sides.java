package io.smtpdup.agreement;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * What primary and backup have shown of themselves, and what the mails were like that the primary has taken.
 *
 * @param primary null when it has not answered yet
 * @param backup the same
 * @param seen null when no mail was seen
 */
public record Sides(@Nullable Server primary, @Nullable Server backup, @Nullable Seen seen) {

    /**
     * One server. What it says is its own: whoever makes this has cut it and taken out what is no text.
     *
     * @param name as in its greeting and its reply to EHLO
     * @param at when it showed this
     * @param extensions what it announces in its reply to EHLO, under TLS where the relay uses that, each with its parameters
     * @param tls the version; null when the relay talks to it in clear text
     * @param certificate whose it is; null without TLS
     * @param certificateUntil null without TLS
     * @param certificateDays days until then, when the report was made; null without TLS
     * @param recipients at most so many in a transaction, as it has shown; null when it has shown no limit
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Server(String name, String at, Map<String, String> extensions, @Nullable String tls, @Nullable String certificate,
            @Nullable String certificateUntil, @Nullable Integer certificateDays, @Nullable Integer recipients) {

        private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

        boolean has(String keyword) {
            return extensions.containsKey(keyword);
        }

        /** In octets; empty when it has no limit, or does not say. */
        Optional<Long> size() {
            return Optional.ofNullable(extensions.get("SIZE")).filter(text -> NUMBER.matcher(text).matches()).map(Long::valueOf)
                    .filter(size -> size > 0);
        }
    }

    /**
     * Mails that the primary has taken.
     *
     * @param mails how many
     * @param largest octets of the largest
     * @param largestAt null when there was none
     * @param mostRecipients of one mail
     * @param eightBit how many had octets above 127, so that they need 8BITMIME
     * @param eightBitAt the last of them; null when there was none
     * @param smtpUtf8 how many needed SMTPUTF8
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Seen(long mails, long largest, @Nullable String largestAt, int mostRecipients, @Nullable String mostRecipientsAt,
            long eightBit, @Nullable String eightBitAt, long smtpUtf8, @Nullable String smtpUtf8At) {
    }

    /** A time as reports have it. */
    public static String time(Instant time) {
        return ReportTimes.text(time.toEpochMilli());
    }

    /** Of the same backup at two relays: each server as it was seen last, and all mails. */
    static @Nullable Sides of(@Nullable Sides one, @Nullable Sides two) {
        if (one == null || two == null) {
            return one == null ? two : one;
        }
        return new Sides(latest(one.primary, two.primary), latest(one.backup, two.backup), sum(one.seen, two.seen));
    }

    private static @Nullable Server latest(@Nullable Server one, @Nullable Server two) {
        return one == null || two != null && two.at.compareTo(one.at) > 0 ? two : one;
    }

    private static @Nullable Seen sum(@Nullable Seen one, @Nullable Seen two) {
        if (one == null || two == null) {
            return one == null ? two : one;
        }
        Seen large = two.largest > one.largest ? two : one;
        Seen many = two.mostRecipients > one.mostRecipients ? two : one;
        return new Seen(one.mails + two.mails, large.largest, large.largestAt, many.mostRecipients, many.mostRecipientsAt,
                one.eightBit + two.eightBit, ReportTimes.later(one.eightBitAt, two.eightBitAt),
                one.smtpUtf8 + two.smtpUtf8, ReportTimes.later(one.smtpUtf8At, two.smtpUtf8At));
    }
}
