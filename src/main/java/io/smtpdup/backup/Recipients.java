package io.smtpdup.backup;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.smtpdup.message.SmtpServerConstants;
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
        return of(exchange).stream().anyMatch(in(list));
    }

    /** Whether no recipient is left. */
    public boolean none(Exchange exchange) {
        return of(exchange).isEmpty();
    }

    /** Leaves only the recipients that are in the list, maybe none. */
    public void keep(Exchange exchange, String list) {
        set(exchange, of(exchange).stream().filter(in(list)).toList());
    }

    /** Takes the recipients away that are in the list, maybe all. */
    public void remove(Exchange exchange, String list) {
        set(exchange, of(exchange).stream().filter(in(list).negate()).toList());
    }

    /** Puts these in the place of all recipients; what was asked for the old ones (NOTIFY, ORCPT) goes with them. */
    public void replace(Exchange exchange, String addresses) {
        exchange.getMessage().removeHeader(SmtpServerConstants.FORWARD_PATHS);
        set(exchange, entries(addresses));
    }

    private static List<String> entries(String list) {
        return Arrays.stream(list.split(",")).map(String::strip).toList();
    }

    @SuppressWarnings("unchecked")
    private static List<String> of(Exchange exchange) {
        List<String> recipients = exchange.getMessage().getHeader(SmtpServerConstants.RECIPIENTS, List.class);
        return recipients == null ? List.of() : recipients;
    }

    private static void set(Exchange exchange, List<String> recipients) {
        exchange.getMessage().setHeader(SmtpServerConstants.RECIPIENTS, recipients);
    }

    private static Predicate<String> in(String list) {
        List<String> entries = entries(list.toLowerCase(Locale.ROOT));
        return recipient -> {
            String address = recipient.toLowerCase(Locale.ROOT);
            return entries.contains(address) || entries.contains(address.substring(Math.max(0, address.lastIndexOf('@'))));
        };
    }
}
