package io.smtpdup.page;

import java.util.LinkedHashMap;
import java.util.Map;

/** What is said after a change, on the page that is shown next. The address has only a number that nobody guesses, never the words. */
final class Notes {

    private static final int MOST = 100;

    private final Map<String, Note> notes = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Note> eldest) {
            return size() > MOST;
        }
    };

    /** @param good false when it was not done */
    record Note(String text, boolean good) {
    }

    /** Keeps a note and returns its number. */
    synchronized String keep(Note note) {
        String id = Sessions.secret();
        notes.put(id, note);
        return id;
    }

    /** Null when there is none. */
    synchronized Note of(String id) {
        return id == null ? null : notes.get(id);
    }
}
