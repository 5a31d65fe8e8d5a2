package io.smtpdup.delivery;

/** How a server is told whom a mail comes from, where it offers that (Postfix, XFORWARD_README and XCLIENT_README). */
public enum IdentityCommand {

    /** Not at all. */
    OFF,
    /** For its log: it still judges us. */
    XFORWARD,
    /** As if the client had connected itself: it judges the client. Where it offers XFORWARD only, that. */
    XCLIENT
}
