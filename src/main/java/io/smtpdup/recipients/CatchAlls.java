package io.smtpdup.recipients;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which domains' addresses one backup takes whatever they are: known by one that nobody has, asked once a day for each domain. Safe for
 * use by several threads.
 */
public final class CatchAlls {

    /** Domains that are remembered; the one asked about first goes first. */
    private static final int MOST = 10_000;

    private static final long DAY_MILLIS = 86_400_000;

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Clock clock;

    private record Known(long day, boolean takesAny) {
    }

    private final Map<String, Known> domains = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST;
        }
    };

    /** @param clock tells the day */
    public CatchAlls(Clock clock) {
        this.clock = clock;
    }

    /** The domain of an address, as it is asked about. */
    public static String domainOf(String address) {
        return address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    }

    /** An address that nobody has, and that says so to whoever reads the server's log. */
    public static String nobody(String domain) {
        StringBuilder address = new StringBuilder("no-such-mailbox-");
        for (int i = 0; i < 16; i++) {
            address.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return address.append('@').append(domain).toString();
    }

    /** What was said today; null when nothing was. */
    public synchronized @Nullable Boolean takesAny(String domain) {
        Known known = domains.get(domain);
        return known == null || known.day != today() ? null : (Boolean) known.takesAny;
    }

    /** The server takes, or refuses for good, an address of this domain that nobody has. */
    public synchronized void learn(String domain, boolean takesAny) {
        domains.remove(domain);
        domains.put(domain, new Known(today(), takesAny));
    }

    private long today() {
        return Math.floorDiv(clock.millis(), DAY_MILLIS);
    }
}
