package io.smtpdup.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;

/**
 * A mail server we hand mail to, the primary or a backup: where it is, how the way there is protected, and who we are to
 * it. Written {@code [smtp://|smtps://][user:password@]host[:port][?option=value&...]}, user and password percent-encoded;
 * the options are {@code tls} and those of {@link DestinationLimits}.
 *
 * @param hostPort never with port 0
 * @param tls never null
 * @param username whom to authenticate as; null when we do not authenticate
 * @param password null exactly when there is no username
 * @param limits what it says itself about how much it is given, and for how long
 */
public record Destination(HostPort hostPort, TlsMode tls, String username, String password, DestinationLimits limits) {

    static final int SMTPS_PORT = 465;

    private static final String TLS_OPTION = "tls";

    private static final Pattern OPTIONS = Pattern.compile("([^?]*)\\?[A-Za-z_]+=.*");

    private static final Pattern BROKEN_PERCENT = Pattern.compile("%(?![0-9a-fA-F]{2})");

    /** Host, port, places of underscores, and whether it is IPv6, in a name. */
    private static final Pattern NAME = Pattern.compile("(.+)-([0-9]{1,5})(?:-u([0-9]{1,3}(?:\\.[0-9]{1,3})*))?(-v6)?");

    /** @throws IllegalArgumentException for port 0, TLS that is required and discarded, or a username without a password or the other way round */
    public Destination {
        Objects.requireNonNull(tls, "tls");
        if (hostPort.port() == 0) {
            throw new IllegalArgumentException("the port is not a number from 1 to " + HostPort.MAX_PORT);
        }
        if (tls == TlsMode.REQUIRED && limits.discardEhlo().filter(words -> words.matches("(.*,)?STARTTLS(,.*)?")).isPresent()) {
            throw new IllegalArgumentException("tls=required needs STARTTLS, which discard_ehlo ignores");
        }
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("user and password must both be given");
        }
    }

    /**
     * Reads the form above.
     *
     * @param defaultTls the mode of a destination that says nothing itself
     * @throws IllegalArgumentException when the text does not have that form; the message never repeats the text, which
     *     may hold a password
     */
    public static Destination parse(String text, TlsMode defaultTls) {
        int slashes = text.indexOf("://");
        String scheme = slashes < 0 ? "smtp" : text.substring(0, slashes).toLowerCase(Locale.ROOT);
        if (!scheme.equals("smtp") && !scheme.equals("smtps")) {
            throw new IllegalArgumentException("the scheme is neither smtp:// nor smtps://");
        }
        boolean implicit = scheme.equals("smtps");
        String rest = slashes < 0 ? text : text.substring(slashes + 3);
        int at = endOfCredentials(rest);
        String[] credentials = at < 0 ? new String[2] : credentials(rest.substring(0, at));
        String place = rest.substring(at + 1);
        int question = place.indexOf('?');
        Map<String, String> options = question < 0 ? new HashMap<>() : options(place.substring(question + 1));
        String address = question < 0 ? place : place.substring(0, question);
        String tls = options.remove(TLS_OPTION);
        return new Destination(
                HostPort.parse(address, implicit ? SMTPS_PORT : HostPort.SMTP_PORT),
                implicit ? implicit(tls) : tls(tls, defaultTls),
                credentials[0],
                credentials[1],
                DestinationLimits.of(options));
    }

    /** Where user and password end; addresses may follow among the options. -1 when there are none. */
    private static int endOfCredentials(String text) {
        Matcher options = OPTIONS.matcher(text);
        return options.matches() ? options.group(1).lastIndexOf('@') : text.lastIndexOf('@');
    }

    /** {@code host:port}, an IPv6 address in brackets; never credentials. */
    public String address() {
        return hostPort.toString();
    }

    /**
     * A stable name for queues, routes and metrics, of lower-case letters, digits, dots and dashes:
     * {@code mail.example.com-25}. No two addresses share one: where a dash stands for an underscore, the places follow
     * ({@code mail_a:25} is {@code mail-a-25-u4}), and an IPv6 address ends in {@code -v6}.
     */
    public String name() {
        String host = hostPort.host();
        String underscores = IntStream.range(0, host.length())
                .filter(i -> host.charAt(i) == '_')
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("."));
        return host.replace('_', '-').replace(':', '-') + "-" + hostPort.port()
                + (underscores.isEmpty() ? "" : "-u" + underscores)
                + (hostPort.isIpv6() ? "-v6" : "");
    }

    /** The place that has this {@link #name()}; empty when none has. */
    public static Optional<HostPort> placeOf(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        StringBuilder host = new StringBuilder(parts.group(4) == null ? parts.group(1) : parts.group(1).replace('-', ':'));
        try {
            if (parts.group(3) != null) {
                Stream.of(parts.group(3).split("\\.")).map(Integer::valueOf).forEach(i -> host.setCharAt(i, '_'));
            }
            HostPort place = new HostPort(host.toString(), Integer.parseInt(parts.group(2)));
            return Optional.of(place).filter(found -> at(found, TlsMode.OFF).name().equals(name));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** The {@link #name()} of a server that is written in any form the settings take; empty when the text is none of these. */
    public static Optional<String> nameOf(String text) {
        try {
            return Optional.of(parse(text, TlsMode.OFF).name());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A destination that says nothing itself but where it is. */
    public static Destination at(HostPort place, TlsMode tls) {
        return new Destination(place, tls, null, null, DestinationLimits.NONE);
    }

    /** Whom to authenticate as; empty when we do not. */
    public Optional<String> user() {
        return Optional.ofNullable(username);
    }

    /** Address and TLS mode, and the user when there is one; never the password. */
    @Override
    public String toString() {
        return (username == null ? "" : username + ":***@") + address() + " tls=" + tls.word();
    }

    private static String[] credentials(String userInfo) {
        int colon = userInfo.indexOf(':');
        if (colon <= 0 || colon == userInfo.length() - 1) {
            throw new IllegalArgumentException("before the @ must be user:password");
        }
        return new String[] {decode(userInfo.substring(0, colon)), decode(userInfo.substring(colon + 1))};
    }

    private static String decode(String text) {
        if (text.chars().anyMatch(c -> c <= ' ' || "@:/?#,".indexOf(c) >= 0) || BROKEN_PERCENT.matcher(text).find()) {
            throw new IllegalArgumentException("percent-encode % @ : / ? # , and spaces in a user or password "
                    + "(%25 %40 %3A %2F %3F %23 %2C %20)");
        }
        // URLDecoder would make a space of a plus sign, which is a form's custom and not a URI's.
        String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        if (decoded.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a user or password must not contain control characters");
        }
        return decoded;
    }

    /** The names in lower case, each with its value. */
    private static Map<String, String> options(String text) {
        Map<String, String> options = new HashMap<>();
        for (String option : text.split("&", -1)) {
            int equals = option.indexOf('=');
            if (equals < 0 || options.put(option.substring(0, equals).toLowerCase(Locale.ROOT), option.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("after the question mark must be options like tls=required, each at most once, "
                        + "separated by &");
            }
        }
        return options;
    }

    private static TlsMode implicit(String option) {
        if (option != null) {
            throw new IllegalArgumentException("smtps:// is TLS from the start and takes no tls option");
        }
        return TlsMode.IMPLICIT;
    }

    private static TlsMode tls(String option, TlsMode defaultTls) {
        if (option == null) {
            return defaultTls;
        }
        return IntStream.of(0, 1, 2)
                .mapToObj(i -> TlsMode.values()[i])
                .filter(mode -> option.equalsIgnoreCase(mode.word()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("tls is one of off, offered, required"));
    }
}
