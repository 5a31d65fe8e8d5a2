package io.smtpdup.delivery;

/** How a connection is protected. */
public enum TlsMode {

    /** Clear text, credentials too. */
    OFF,

    /**
     * STARTTLS when the server announces it, its certificate not verified; clear text when it does not or when the
     * handshake fails (opportunistic security, RFC 7435). Credentials are never sent in clear text.
     */
    OFFERED,

    /** STARTTLS or nothing; the certificate must be valid and for that host. */
    REQUIRED,

    /** TLS from the first octet, as smtps does (RFC 8314); the certificate must be valid and for that host. */
    IMPLICIT
}
