package io.smtpdup.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.HostName;
import io.smtpdup.message.Xtext;
import io.smtpdup.net.HostPort;

/**
 * What a trusted relay says about the client it speaks for: {@code NAME=... ADDR=...} (Postfix, XCLIENT_README and
 * XFORWARD_README). What the relay does not know it calls {@code [UNAVAILABLE]}, and then we go by what we see. A value that is
 * of no use, such as a HELO with a blank in it, counts as not known: a client that chooses its HELO must not thereby choose
 * that nobody hears its address. An address that is none is an error.
 */
final class ClientAttributes {

    /** Those that we keep, and so announce. */
    static final List<String> NAMES = List.of("NAME", "ADDR", "PORT", "PROTO", "HELO");

    /** Postfix has these as well; they say nothing about the client that a next server could use. */
    private static final Set<String> OF_NO_USE = Set.of("IDENT", "SOURCE", "LOGIN", "DESTADDR", "DESTPORT");

    private static final Set<String> UNKNOWN = Set.of("[UNAVAILABLE]", "[TEMPUNAVAIL]");

    private static final Pattern PORT = Pattern.compile("0*([1-9][0-9]{0,4})");

    private static final Pattern HELO = Pattern.compile("[^\\p{Cntrl}\\x{80}-\\x{9f} ]{1,255}");

    private static final String IPV6 = "IPV6:";

    /** By name; an empty value is not known. */
    private final Map<String, String> values = new HashMap<>();

    /** Whether nothing was said. */
    boolean isEmpty() {
        return values.isEmpty();
    }

    /** Reads the argument of XCLIENT or XFORWARD; empty when it is malformed, or names something that nobody has heard of. */
    static Optional<ClientAttributes> parse(String argument) {
        ClientAttributes attributes = new ClientAttributes();
        for (String pair : argument.split("[ \t]+")) {
            String[] parts = pair.split("=", 2);
            String name = parts[0].toUpperCase(Locale.ROOT);
            Optional<String> value = parts.length < 2 ? Optional.empty() : Xtext.decode(parts[1]);
            if (value.isEmpty() || !attributes.take(name, value.get())) {
                return Optional.empty();
            }
        }
        return Optional.of(attributes);
    }

    private boolean take(String name, String value) {
        if (OF_NO_USE.contains(name)) {
            return true;
        }
        boolean unknown = UNKNOWN.contains(value.toUpperCase(Locale.ROOT));
        boolean usable = !unknown && isValid(name, value);
        if (name.equals("ADDR") && !unknown && !usable) {
            return false;
        }
        values.put(name, usable ? value : "");
        return NAMES.contains(name);
    }

    private static boolean isValid(String name, String value) {
        return switch (name) {
            case "NAME" -> HostName.isOne(value);
            case "ADDR" -> isAddress(literal(value));
            case "PORT" -> PORT.matcher(value).matches() && Integer.parseInt(value) <= HostPort.MAX_PORT;
            case "PROTO" -> value.equalsIgnoreCase("SMTP") || value.equalsIgnoreCase("ESMTP");
            case "HELO" -> HELO.matcher(value).matches();
            default -> false;
        };
    }

    private static boolean isAddress(String text) {
        try {
            return new HostPort(text, 0).isAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Without the tag that SMTP has for literals of IPv6 (RFC 5321 section 4.1.3). */
    private static String literal(String value) {
        return value.regionMatches(true, 0, IPV6, 0, IPV6.length()) ? value.substring(IPV6.length()) : value;
    }

    /** Adds what a further command says; what both say is as the further one has it. */
    void add(ClientAttributes more) {
        values.putAll(more.values);
    }

    void clear() {
        values.clear();
    }

    /** Who the client is when it looked like this without what we have been told. */
    ClientIdentity over(ClientIdentity seen) {
        if (values.isEmpty()) {
            return seen;
        }
        boolean named = !value("ADDR").isEmpty();
        return new ClientIdentity(
                named ? new InetSocketAddress(address(), port(0)) : seen.address(),
                otherwise("NAME", named ? null : seen.name()),
                otherwise("HELO", seen.helo()),
                otherwise("PROTO", seen.protocol()).toUpperCase(Locale.ROOT));
    }

    private String value(String name) {
        return values.getOrDefault(name, "");
    }

    private String otherwise(String name, String seen) {
        return value(name).isEmpty() ? seen : value(name);
    }

    private int port(int seen) {
        return value("PORT").isEmpty() ? seen : Integer.parseInt(value("PORT"));
    }

    private InetAddress address() {
        try {
            return InetAddress.getByName(literal(value("ADDR")));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("was checked: " + value("ADDR"), e);
        }
    }
}
