package io.smtpdup.message;

import java.util.Objects;

/**
 * One RCPT command: a forward-path and what the sender wants to be told about it (RFC 3461).
 *
 * @param address without angle brackets
 * @param notifyOn when to report: NEVER, or SUCCESS, FAILURE, DELAY with commas between, as it came; null when not said
 * @param orcpt the original recipient, {@code addr-type;xtext} as it came; null when not said
 */
public record Recipient(String address, String notifyOn, String orcpt) {

    public Recipient {
        Objects.requireNonNull(address, "address");
    }

    /** A recipient of whom nothing more was said. */
    public Recipient(String address) {
        this(address, null, null);
    }

    /** Whether the sender said anything about reports. */
    public boolean hasDsnParameters() {
        return notifyOn != null || orcpt != null;
    }
}
