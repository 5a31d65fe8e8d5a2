package io.smtpdup.agreement;

/** How addresses are kept ({@code agreement.addresses}). */
public enum Addresses {

    /** As they are: a list of all recipients, and examples that can be read. */
    PLAIN,

    /** Only what a key of this installation makes of them; of a recipient also its domain. */
    HASHED,

    /** Not at all: no coverage of mailboxes, and no bound, can be told then. */
    NONE
}
