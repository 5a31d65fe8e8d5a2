package io.smtpdup.agreement;

import java.util.Locale;

/** What a reply was said to. */
public enum Stage {

    /** MAIL, and whatever comes before it: the connection, EHLO, TLS, a login. */
    MAIL,

    RCPT,

    DATA,

    /** The end of the content. */
    DOT;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As reports and files name it. */
    public String text() {
        return text;
    }
}
