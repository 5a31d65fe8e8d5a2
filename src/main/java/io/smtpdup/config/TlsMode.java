package io.smtpdup.config;

import java.util.Locale;

/** How a connection to a destination is protected. */
public enum TlsMode {

    /** Never: not even when the destination offers STARTTLS. */
    OFF,
    /** STARTTLS when the destination offers it, plain text when it does not. */
    OFFERED,
    /** STARTTLS or nothing: a destination that does not offer it gets no mail. */
    REQUIRED,
    /** TLS from the first octet, as {@code smtps://} means it (RFC 8314 section 3.3). */
    IMPLICIT;

    /** The word in routes and properties: {@code off}, {@code offered}, {@code required} or {@code implicit}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True when a password cannot travel in plain text. */
    public boolean isAssured() {
        return this == REQUIRED || this == IMPLICIT;
    }
}
