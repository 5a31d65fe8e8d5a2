package io.smtpdup.message;

/** What happens to a message that has a CR or LF alone, where SMTP knows only CRLF (RFC 5321 section 2.3.8). */
public enum BareNewline {

    /** The message is refused, as most mail servers do since SMTP smuggling became known. */
    REJECT,
    /** Each of them becomes CRLF; this breaks a signature over such a message. */
    NORMALIZE
}
