package io.smtpdup.backup;

import java.util.LinkedHashMap;
import java.util.Map;

/** How often a server stumbled over each of the latest copies, which shows whether a copy is the reason. */
final class Stumbles {

    /** A copy was the trouble so often that others shall have their turn. */
    private static final int ENOUGH = 3;

    private static final int KNOWN = 1000;

    /** By the mail's id. */
    private final Map<String, Integer> counts = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > KNOWN;
        }
    };

    /** Counts one more. Returns whether that is enough; then the count begins anew. */
    synchronized boolean add(String id) {
        if (counts.merge(id, 1, Integer::sum) < ENOUGH) {
            return false;
        }
        counts.remove(id);
        return true;
    }

    synchronized void forget(String id) {
        counts.remove(id);
    }
}
