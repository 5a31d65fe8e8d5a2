package io.smtpdup.delivery;

import java.time.Instant;

/** What the mails were like that a server has taken, as far as another server might not take them. Safe for use by several threads. */
public final class MailShapes {

    private Shape shape = Shape.NONE;

    /**
     * Of some mails; times are milliseconds since 1970, and 0 for never.
     *
     * @param largest octets of the largest, with our Received field
     * @param mostRecipients of one mail
     * @param eightBit how many had octets above 127
     * @param smtpUtf8 how many needed SMTPUTF8, for an address or for a header field
     */
    public record Shape(long mails, long largest, long largestAt, int mostRecipients, long mostRecipientsAt, long eightBit,
            long eightBitAt, long smtpUtf8, long smtpUtf8At) {

        public static final Shape NONE = new Shape(0, 0, 0, 0, 0, 0, 0, 0, 0);

        /** Of these and others. */
        public Shape and(Shape other) {
            boolean larger = other.largest > largest;
            boolean more = other.mostRecipients > mostRecipients;
            return new Shape(mails + other.mails, larger ? other.largest : largest, larger ? other.largestAt : largestAt,
                    more ? other.mostRecipients : mostRecipients, more ? other.mostRecipientsAt : mostRecipientsAt,
                    eightBit + other.eightBit, Math.max(eightBitAt, other.eightBitAt), smtpUtf8 + other.smtpUtf8,
                    Math.max(smtpUtf8At, other.smtpUtf8At));
        }
    }

    void add(Instant at, long size, int recipients, boolean eightBit, boolean smtpUtf8) {
        long time = at.toEpochMilli();
        Shape one = new Shape(1, size, time, recipients, time, eightBit ? 1 : 0, eightBit ? time : 0,
                smtpUtf8 ? 1 : 0, smtpUtf8 ? time : 0);
        synchronized (this) {
            shape = shape.and(one);
        }
    }

    /** Of those since the last time somebody asked. */
    public synchronized Shape take() {
        Shape taken = shape;
        shape = Shape.NONE;
        return taken;
    }
}
