package io.smtpdup.backup;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import org.apache.camel.Exchange;

/**
 * The bean {@code recipients}: what a route may want to know and change of a copy's recipients. Of a copy only: the primary
 * has the mail already.
 *
 * <p>A list, in any of these, is addresses and {@code @domain}s, parted by commas; capital letters count nowhere. A domain
 * does not stand for its subdomains.
 */
public final class Recipients {

    /** Whether any recipient is in the list. */
    public boolean any(Exchange exchange, String list) {
        return envelope(exchange).recipients().stream().anyMatch(in(list));
    }

    /** Whether no recipient is left. */
    public boolean none(Exchange exchange) {
        return envelope(exchange).forwardPaths().isEmpty();
    }

    /** Leaves only the recipients that are in the list, maybe none. */
    public void keep(Exchange exchange, String list) {
        leave(exchange, in(list));
    }

    /** Takes the recipients away that are in the list, maybe all. */
    public void remove(Exchange exchange, String list) {
        leave(exchange, in(list).negate());
    }

    /** Puts these in the place of all recipients; what was asked for the old ones (NOTIFY, ORCPT) goes with them. */
    public void replace(Exchange exchange, String addresses) {
        set(exchange, entries(addresses).stream().map(Recipient::new).toList());
    }

    private static List<String> entries(String list) {
        return Arrays.stream(list.split(",")).map(String::strip).toList();
    }

    private static void leave(Exchange exchange, Predicate<String> wanted) {
        set(exchange, envelope(exchange).forwardPaths().stream().filter(recipient -> wanted.test(recipient.address())).toList());
    }

    private static void set(Exchange exchange, List<Recipient> recipients) {
        EnvelopeHeaders.write(envelope(exchange).withForwardPaths(recipients), exchange.getMessage());
    }

    private static Envelope envelope(Exchange exchange) {
        return EnvelopeHeaders.read(exchange.getMessage()).orElseThrow(() -> new IllegalArgumentException("the exchange has no mail"));
    }

    private static Predicate<String> in(String list) {
        List<String> entries = entries(list.toLowerCase(Locale.ROOT));
        return recipient -> {
            String address = recipient.toLowerCase(Locale.ROOT);
            return entries.contains(address) || entries.contains(address.substring(Math.max(0, address.lastIndexOf('@'))));
        };
    }
}
