package io.smtpdup.message;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * One RCPT command: a forward-path and what the sender wants to be told about it (RFC 3461).
 *
 * @param address without angle brackets
 * @param notifyOn when to report: NEVER, or SUCCESS, FAILURE, DELAY with commas between, as it came; null when not said
 * @param orcpt the original recipient, {@code addr-type;xtext} as it came; null when not said
 */
public record Recipient(String address, @Nullable String notifyOn, @Nullable String orcpt) {

    public Recipient {
        Objects.requireNonNull(address, "address");
    }

    /** A recipient of whom nothing more was said. */
    public Recipient(String address) {
        this(address, null, null);
    }

    /** What two mentions of one mailbox have in common: a domain is the same however it is written, a local part is not. */
    public String mailbox() {
        int at = address.lastIndexOf('@') + 1;
        return address.substring(0, at) + address.substring(at).toLowerCase(Locale.ROOT);
    }

    /** Whether the sender said anything about reports. */
    public boolean hasDsnParameters() {
        return notifyOn != null || orcpt != null;
    }

    /** Their addresses, in their order. */
    public static List<String> addresses(List<Recipient> recipients) {
        List<String> addresses = new ArrayList<>(recipients.size());
        for (Recipient recipient : recipients) {
            addresses.add(recipient.address);
        }
        return Collections.unmodifiableList(addresses);
    }

    /** Whether the sender said anything about reports for one of them. */
    public static boolean anyHasDsnParameters(List<Recipient> recipients) {
        for (Recipient recipient : recipients) {
            if (recipient.hasDsnParameters()) {
                return true;
            }
        }
        return false;
    }
}
