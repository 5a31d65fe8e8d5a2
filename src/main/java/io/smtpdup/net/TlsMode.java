package io.smtpdup.net;

import java.util.Locale;

/** How a connection to a destination is protected. */
public enum TlsMode {

    /** Clear text, credentials too, even when the server offers STARTTLS. */
    OFF,

    /**
     * STARTTLS when the server announces it, its certificate not verified; clear text when it does not or when the
     * handshake fails (opportunistic security, RFC 7435). Credentials are never sent in clear text.
     */
    OFFERED,

    /** STARTTLS or nothing; the certificate must be valid and for that host. */
    REQUIRED,

    /** TLS from the first octet, as smtps does (RFC 8314 section 3.3); the certificate must be valid and for that host. */
    IMPLICIT;

    /** The word in routes and properties: {@code off}, {@code offered}, {@code required} or {@code implicit}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True when only a server that has proved who it is hears our password. */
    public boolean isVerified() {
        return this == REQUIRED || this == IMPLICIT;
    }
}
