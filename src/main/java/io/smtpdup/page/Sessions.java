package io.smtpdup.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who has logged in with a browser, and who tries. Both are few: the oldest session ends for a new one, and who fails again and again from one
 * address is not listened to for a while. A session ends with the process. Safe for use by several threads.
 */
final class Sessions {

    static final Duration LONGEST = Duration.ofHours(12);

    private static final int MOST = 100;

    private static final int MOST_ADDRESSES = 1000;

    private static final int FAILURES = 10;

    private static final Duration SILENCE = Duration.ofMinutes(1);

    private static final int SECRET_OCTETS = 24;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Clock clock;

    private final Map<String, Session> sessions = limited(MOST);

    private final Map<String, Failures> failures = limited(MOST_ADDRESSES);

    Sessions(Clock clock) {
        this.clock = clock;
    }

    /**
     * Somebody who has logged in.
     *
     * @param form what the forms of this session have in them
     */
    record Session(String form, Instant end) {
    }

    private record Failures(int count, Instant first) {
    }

    private static <V> Map<String, V> limited(int most) {
        return new LinkedHashMap<>() {

            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > most;
            }
        };
    }

    /** What nobody can guess. */
    static String secret() {
        byte[] octets = new byte[SECRET_OCTETS];
        RANDOM.nextBytes(octets);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    /** Whether two secrets are the same; null is none. */
    static boolean same(String one, String other) {
        return one != null && other != null
                && MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /** Begins one, and returns what its cookie says. */
    synchronized String open() {
        String cookie = secret();
        sessions.put(cookie, new Session(secret(), clock.instant().plus(LONGEST)));
        return cookie;
    }

    synchronized Optional<Session> of(String cookie) {
        Session session = sessions.get(cookie);
        if (session != null && !session.end.isAfter(clock.instant())) {
            sessions.remove(cookie);
            return Optional.empty();
        }
        return Optional.ofNullable(session);
    }

    synchronized void end(String cookie) {
        sessions.remove(cookie);
    }

    /** Whether an attempt from this address is looked at. */
    synchronized boolean mayTry(String address) {
        Failures known = failures.get(address);
        if (known != null && !known.first.plus(SILENCE).isAfter(clock.instant())) {
            failures.remove(address);
            return true;
        }
        return known == null || known.count < FAILURES;
    }

    /** An attempt from this address has failed. */
    synchronized void failed(String address) {
        failures.merge(address, new Failures(1, clock.instant()), (known, one) -> new Failures(known.count + 1, known.first));
    }
}
