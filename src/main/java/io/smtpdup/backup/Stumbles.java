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

    /** The server has stumbled over it, and it will come again. */
    synchronized void add(String id) {
        counts.merge(id, 1, Integer::sum);
    }

    /** Whether another time is one too many. */
    synchronized boolean isLast(String id) {
        return counts.getOrDefault(id, 0) + 1 >= ENOUGH;
    }

    synchronized void forget(String id) {
        counts.remove(id);
    }
}
