package io.smtpdup.config;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import io.smtpdup.message.HostName;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;

/**
 * What a key accepts.
 *
 * @param allowed the words after "must be" in an error
 * @param canonical turns a stripped, non-empty value into its canonical form, or throws an
 *     {@link IllegalArgumentException} whose message, never null, says what is wrong beyond {@code allowed}
 */
record Rule(String allowed, UnaryOperator<String> canonical) {

    /** What is allowed where a file is read when it is there. */
    static final String FILE_TO_COME = "the path of a file, which need not exist yet";

    private static final Pattern DIGITS = Pattern.compile("0*([0-9]{1,10})");

    private static final Pattern DURATION = Pattern.compile("0*([0-9]{1,8}) ?([smhd])");

    private static final Pattern PERCENT = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,6})?");

    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);

    private static final Pattern KEYWORDS = Pattern.compile("[A-Z0-9][A-Z0-9-]*(,[A-Z0-9][A-Z0-9-]*)*");

    private static final Pattern BROKER = Pattern.compile("tcp://[^\\s/?#,()@]+:[0-9]{1,5}");

    private static final Pattern CREDENTIALS = Pattern.compile("(?i)[?&;](user|password)=");

    private static final String IPV6_TAG = "IPv6:";

    private static final String DESTINATION = "[smtp://|smtps://][user:password@]host[:port][?tls=off|offered|required]";

    static Rule number(int min, int max) {
        return new Rule("a whole number from " + min + " to " + max, value -> {
            var digits = DIGITS.matcher(value);
            if (!digits.matches()) {
                throw new IllegalArgumentException("");
            }
            long number = Long.parseLong(digits.group(1));
            if (number < min || number > max) {
                throw new IllegalArgumentException("");
            }
            return Long.toString(number);
        });
    }

    /** From a second to a year. */
    static Rule duration() {
        return duration("a time like 90s, 30m, 12h or 5d, up to 365d", Duration.ofSeconds(1), Duration.ofDays(365));
    }

    /** Canonical with a unit, without a blank. */
    static Rule duration(String allowed, Duration shortest, Duration longest) {
        return new Rule(allowed, value -> {
            var matcher = DURATION.matcher(value.toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new IllegalArgumentException("");
            }
            String canonical = Integer.parseInt(matcher.group(1)) + matcher.group(2);
            Duration duration = Duration.of(Integer.parseInt(matcher.group(1)), UNITS.get(matcher.group(2)));
            if (duration.compareTo(shortest) < 0 || duration.compareTo(longest) > 0) {
                throw new IllegalArgumentException("");
            }
            return canonical;
        });
    }

    /** Without a sign; canonical without zeros that say nothing. */
    static Rule percent() {
        return new Rule("a percentage from 0 to 100, like 5 or 0.5", value -> {
            if (!PERCENT.matcher(value).matches() || new BigDecimal(value).compareTo(BigDecimal.valueOf(100)) > 0) {
                throw new IllegalArgumentException("");
            }
            return new BigDecimal(value).stripTrailingZeros().toPlainString();
        });
    }

    /** One of the words, in any case of letters; canonical as given here. */
    static Rule oneOf(String... words) {
        return new Rule("one of " + String.join(", ", words), value -> List.of(words).stream()
                .filter(value::equalsIgnoreCase)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("")));
    }

    static Rule listen() {
        // Bound by Java, 0.0.0.0 is every interface of IPv4 and, where the system has it, of IPv6 as well.
        return new Rule("host:port, [IPv6]:port, or :port for all interfaces",
                value -> HostPort.parse(value.startsWith(":") ? "0.0.0.0" + value : value).toString());
    }

    static Rule host() {
        return new Rule("a host name or an IP address", value -> {
            boolean bracketed = value.startsWith("[") && value.endsWith("]");
            return new HostPort(bracketed ? value.substring(1, value.length() - 1) : value, 0).host();
        });
    }

    /** Checked only: the canonical form is the text, because only {@link Settings} knows the default of its TLS mode. */
    static Rule primary() {
        return new Rule(DESTINATION, value -> {
            if (!Destination.parse(value, TlsMode.OFFERED).limits().isEmpty()) {
                throw new IllegalArgumentException("the primary's only option is tls; for discard_ehlo there is relay.primary_discard_ehlo");
            }
            return value;
        });
    }

    /** As {@link #primary}, and it may have {@link DestinationLimits}. */
    static Rule backup() {
        return new Rule(DESTINATION + ", and after the ? also concurrency=, connections=, rate=, retry_for=, discard_ehlo=, only=, "
                + "except=, sample=, max_size=, to=, separated by &",
                value -> {
                    Destination.parse(value, TlsMode.OFFERED);
                    return value;
                });
    }

    static Rule network() {
        return new Rule("networks like 10.0.0.0/8 or 2001:db8::/32 and single IP addresses, separated by commas or spaces",
                ClientNetworks::canonical);
    }

    static Rule domain() {
        return new Rule("a domain name of ASCII letters, digits, dots and hyphens, or an address like [192.0.2.1] or "
                + "[IPv6:2001:db8::1]", value -> value.startsWith("[") ? literal(value) : domain(value));
    }

    /** Checked only as far as an operator may slip; the rest is the broker client's to understand. */
    static Rule broker() {
        return new Rule("tcp://host:port or (tcp://host:port,tcp://host:port), optionally followed by ?parameters of Artemis", value -> {
            int query = value.indexOf('?', value.startsWith("(") ? Math.max(0, value.indexOf(')')) : 0);
            String servers = query < 0 ? value : value.substring(0, query);
            boolean several = servers.startsWith("(") && servers.endsWith(")");
            for (String server : several ? servers.substring(1, servers.length() - 1).split(",", -1) : new String[] {servers}) {
                if (!BROKER.matcher(server.replaceFirst("\\?.*", "").strip()).matches()) {
                    throw new IllegalArgumentException("");
                }
            }
            if (CREDENTIALS.matcher(value).find()) {
                throw new IllegalArgumentException("user and password are spool.broker_user and spool.broker_password");
            }
            return value;
        });
    }

    /** Keywords of EHLO; canonical in upper case with commas between. In a list of destinations a comma would part two of them. */
    static Rule keywords() {
        return new Rule("EHLO keywords like PIPELINING or DSN, separated by commas or +", value -> {
            String canonical = value.toUpperCase(Locale.ROOT).replaceAll("[,+\\s]+", ",");
            if (!KEYWORDS.matcher(canonical).matches()) {
                throw new IllegalArgumentException("");
            }
            return canonical;
        });
    }

    /** What fits into a header field, and cannot be guessed soon. */
    static Rule secret() {
        return new Rule("16 to 200 printable ASCII characters without spaces", value -> {
            if (value.length() < 16 || value.length() > 200 || !value.chars().allMatch(c -> c > ' ' && c <= '~')) {
                throw new IllegalArgumentException("");
            }
            return value;
        });
    }

    static Rule text(String allowed) {
        return new Rule(allowed, UnaryOperator.identity());
    }

    /** Whether the path leads to a readable file is checked later, against the working directory. */
    static Rule path(String allowed) {
        return new Rule(allowed, value -> {
            try {
                return Path.of(value).toString();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("this is not a path", e);
            }
        });
    }

    /** What others accept as our name is stricter than what hosts are called. */
    private static String domain(String value) {
        if (!HostName.isOne(value) || value.indexOf('_') >= 0 || value.endsWith(".")) {
            throw new IllegalArgumentException("");
        }
        return value.toLowerCase(Locale.ROOT);
    }

    /** RFC 5321 section 4.1.3. */
    private static String literal(String value) {
        boolean ipv6 = value.regionMatches(true, 1, IPV6_TAG, 0, IPV6_TAG.length());
        if (!value.endsWith("]")) {
            throw new IllegalArgumentException("the closing bracket is missing");
        }
        String inside = value.substring(ipv6 ? 1 + IPV6_TAG.length() : 1, value.length() - 1);
        HostPort address = new HostPort(inside, 0);
        if (!address.isAddress() || address.isIpv6() != ipv6) {
            throw new IllegalArgumentException("");
        }
        return "[" + (ipv6 ? IPV6_TAG : "") + address.host() + "]";
    }
}
