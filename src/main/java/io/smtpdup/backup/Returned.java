package io.smtpdup.backup;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;

/**
 * What a backup has said to the latest copies that went back into their queue as they are, because no other would have fared better:
 * 421, mostly. Nothing can be written on those; so it is known until the relay stops. Safe for use by several threads.
 */
final class Returned {

    private static final int KNOWN = 1000;

    /**
     * @param deferrals as the copy would have them on it
     * @param firstAttemptAt milliseconds
     */
    private record Word(String deferrals, long firstAttemptAt) {
    }

    private final Map<String, Word> words = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Word> eldest) {
            return size() > KNOWN;
        }
    };

    /**
     * The copy goes back.
     *
     * @param copy with what the backup has said to it, if it has
     */
    synchronized void add(String key, Message copy, Instant now) {
        String deferrals = copy.getHeader(CopyConstants.DEFERRAL, String.class);
        if (deferrals != null) {
            words.put(key, new Word(deferrals, copy.getHeader(CopyConstants.FIRST_ATTEMPT_AT, now.toEpochMilli(), Long.class)));
        }
    }

    /** The copy comes again: writes on it what was said. */
    synchronized void remind(String key, Message copy) {
        Word word = words.get(key);
        if (word != null) {
            copy.setHeader(CopyConstants.DEFERRAL, word.deferrals);
            copy.setHeader(CopyConstants.FIRST_ATTEMPT_AT, word.firstAttemptAt);
        }
    }

    /** The copy does not come again. */
    synchronized void forget(String key) {
        words.remove(key);
    }
}
