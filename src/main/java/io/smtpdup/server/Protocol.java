package io.smtpdup.server;

/** What a listener speaks. */
public enum Protocol {

    /** RFC 5321: one reply to a mail. */
    SMTP,
    /** RFC 2033: one reply to a mail for each of its recipients; not on port 25, where SMTP is expected. */
    LMTP
}
