package io.smtpdup.net;

import java.util.Locale;
import java.util.regex.Pattern;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddressString;
import io.smtpdup.message.HostName;

/**
 * Where a server is: a host and a port, in one canonical form, so that two spellings of an address are equal. Not
 * made with {@link java.net.URI}, which finds no host in {@code mail_backup1.example.com:25}.
 *
 * <p>The messages of its exceptions say what is wrong and never repeat the text, which may hold a password.
 *
 * @param host a host name in lower case or an address; an IPv6 address without brackets, in its shortest form
 * @param port 0 to 65535; 0 only where the system shall choose
 */
public record HostPort(String host, int port) {

    public static final int MAX_PORT = 65_535;

    public static final int SMTP_PORT = 25;

    private static final int NO_PORT = -1;

    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(?:.*\\.)?[0-9]+\\.?");

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    /** @throws IllegalArgumentException when the host or the port is not valid */
    public HostPort {
        host = canonicalHost(host);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("the port is not a number from 0 to " + MAX_PORT);
        }
    }

    /**
     * Reads {@code host:port} or {@code [IPv6]:port}.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static HostPort parse(String text) {
        return parse(text, NO_PORT);
    }

    /**
     * Reads {@code host}, {@code host:port}, {@code [IPv6]} or {@code [IPv6]:port}.
     *
     * @param defaultPort the port of a text that has none
     * @throws IllegalArgumentException when it is none of these
     */
    public static HostPort parse(String text, int defaultPort) {
        int colon = text.startsWith("[") ? afterBracket(text) : text.indexOf(':');
        if (colon != text.lastIndexOf(':') && !text.startsWith("[")) {
            throw new IllegalArgumentException(
                    "there is more than one colon: write an IPv6 address in brackets, like [2001:db8::1]:25");
        }
        String host = colon < 0 ? text : text.substring(0, colon);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
            if (!isIpv6(host)) {
                throw new IllegalArgumentException("there is no IPv6 address in the brackets");
            }
        }
        return new HostPort(host, colon < 0 ? required(defaultPort) : port(text.substring(colon + 1)));
    }

    /** True when the host is an IPv6 address. */
    public boolean isIpv6() {
        return host.indexOf(':') >= 0;
    }

    /** True when the host is an address, IPv4 or IPv6, and not a name. */
    public boolean isAddress() {
        return isIpv6() || IPV4.matcher(host).matches();
    }

    /** Whether both are one server's, also when only one of the names ends with a dot. */
    public boolean isSamePlace(HostPort other) {
        return withoutFinalDot().equals(other.withoutFinalDot());
    }

    /** The same place; the dot at the end of a name only tells the resolver that it is whole. */
    public HostPort withoutFinalDot() {
        return host.endsWith(".") ? new HostPort(host.substring(0, host.length() - 1), port) : this;
    }

    /** {@code host:port}, or {@code [IPv6]:port}. */
    @Override
    public String toString() {
        return (isIpv6() ? "[" + host + "]" : host) + ":" + port;
    }

    private static String canonicalHost(String host) {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("there is no host");
        }
        if (isIpv6(host)) {
            return new IPAddressString(host).getAddress().toCanonicalString();
        }
        String lower = host.toLowerCase(Locale.ROOT);
        if (!HostName.isOne(lower)) {
            throw new IllegalArgumentException(
                    "the host is neither an IP address nor a name of ASCII letters, digits, dots, hyphens and underscores");
        }
        if (ENDS_IN_NUMBER.matcher(lower).matches() && !IPV4.matcher(lower).matches()) {
            throw new IllegalArgumentException("the host is not a valid IPv4 address");
        }
        return lower;
    }

    private static boolean isIpv6(String host) {
        try {
            return IPV6.matcher(host).matches() && new IPAddressString(host).toAddress().isIPv6();
        } catch (AddressStringException e) {
            return false;
        }
    }

    /** The place of the colon after the closing bracket; -1 when the text ends there. */
    private static int afterBracket(String text) {
        int close = text.indexOf(']');
        if (close < 0) {
            throw new IllegalArgumentException("the closing bracket is missing");
        }
        if (close == text.length() - 1) {
            return -1;
        }
        if (text.charAt(close + 1) != ':') {
            throw new IllegalArgumentException("only :port may follow the closing bracket");
        }
        return close + 1;
    }

    private static int port(String digits) {
        if (digits.isEmpty()) {
            throw new IllegalArgumentException("there is no port after the colon");
        }
        return PORT.matcher(digits).matches() ? Integer.parseInt(digits) : MAX_PORT + 1;
    }

    private static int required(int defaultPort) {
        if (defaultPort == NO_PORT) {
            throw new IllegalArgumentException("there is no port");
        }
        return defaultPort;
    }
}
