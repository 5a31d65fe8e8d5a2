package io.smtpdup.message;

import java.security.SecureRandom;
import java.time.Clock;

/**
 * The one name a mail has with us: in the log, in its Received field, and in the client's reply when the primary gave no
 * text. Ids sort by the time they were given. Two mails of one millisecond, also of several relays that share a spool, have the same
 * id once in 2^35 pairs. Then an operator who means one of them means both; queues and files know copies by names of their own.
 */
public final class MailId {

    /** Crockford's base 32: no letters that look like digits, and one case. */
    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

    private static final int TIME_DIGITS = 9;

    private static final int RANDOM_DIGITS = 7;

    private static final SecureRandom RANDOM = new SecureRandom();

    private MailId() {
    }

    /** A new id: 45 bits of milliseconds since 1970 and 35 random bits, as 16 letters and digits. */
    public static String next(Clock clock) {
        return digits(clock.millis(), TIME_DIGITS) + digits(RANDOM.nextLong(), RANDOM_DIGITS);
    }

    /** Whether a text looks like one of our ids. */
    public static boolean isId(String text) {
        return text.length() == TIME_DIGITS + RANDOM_DIGITS
                && text.chars().allMatch(c -> String.valueOf(DIGITS).indexOf(c) >= 0);
    }

    private static String digits(long value, int count) {
        char[] text = new char[count];
        for (int i = count - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (value & 31)];
            value >>>= 5;
        }
        return new String(text);
    }
}
