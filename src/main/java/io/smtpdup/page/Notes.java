package io.smtpdup.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What is said after a change, on the page that is shown next. The address has only a number that nobody guesses, never the words. */
final class Notes {

    /** So much of a line is shown: a line that somebody has to write is whole. */
    static final int LONGEST = 4000;

    private static final int MOST = 100;

    private final Map<String, Note> notes = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Note> eldest) {
            return size() > MOST;
        }
    };

    /**
     * What is said.
     *
     * @param kind ok when it is done, warn when somebody has to do the rest, bad when it is not done
     * @param lines what there is to read besides
     */
    record Note(String text, String kind, List<String> lines) {

        private static final int MOST_LINES = 100;

        Note {
            lines = lines.size() <= MOST_LINES ? List.copyOf(lines) : and(lines.subList(0, MOST_LINES), "…");
        }

        static Note done(String text) {
            return new Note(text, "ok", List.of());
        }

        static Note failed(String text) {
            return new Note(text, "bad", List.of());
        }

        private static List<String> and(List<String> lines, String last) {
            return Stream.concat(lines.stream(), Stream.of(last)).toList();
        }
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
