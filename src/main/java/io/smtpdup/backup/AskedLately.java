package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which addresses one backup was asked about lately, and which were refused for the first time: of the latest of them, by a hash, so
 * that a client that guesses addresses by the million makes it forget, but not grow. Used by one thread.
 */
final class AskedLately {

    private static final int MOST = 20_000;

    private static final Instant NEVER = Instant.MIN;

    private final Duration lately;

    /** When each was asked about, by a hash of its address. */
    private final Map<Long, Instant> addresses = new LinkedHashMap<>(16, 0.75f, true) {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Instant> eldest) {
            return size() > MOST;
        }
    };

    /** @param lately how long a question is not asked again */
    AskedLately(Duration lately) {
        this.lately = lately;
    }

    /** Whether it need not be asked about now. */
    boolean knows(String address, Instant now) {
        Instant asked = addresses.get(hash(address));
        return asked != null && asked != NEVER && now.isBefore(asked.plus(lately));
    }

    /** Notes that it was refused, and tells whether it has been before. */
    boolean isKnownAsRefused(String address) {
        return addresses.putIfAbsent(hash(address), NEVER) != null;
    }

    /** Notes that it is asked about. */
    void asked(String address, Instant now) {
        addresses.put(hash(address), now);
    }

    int size() {
        return addresses.size();
    }

    /** FNV-1a: two addresses that share one are asked about once too rarely, and nothing else comes of it. */
    private static long hash(String address) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < address.length(); i++) {
            hash = (hash ^ Character.toLowerCase(address.charAt(i))) * 0x100000001b3L;
        }
        return hash;
    }
}
