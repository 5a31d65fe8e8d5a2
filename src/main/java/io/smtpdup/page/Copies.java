package io.smtpdup.page;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import io.smtpdup.spool.Selection;
import io.smtpdup.tools.CopyView;
import io.smtpdup.tools.Listing;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;

/**
 * Copies in a table, and what somebody searched for.
 *
 * @param more how many there are besides
 * @param problem why they cannot be listed; empty when they can
 */
record Copies(List<Copy> rows, long more, String problem, Search search) {

    /** What a search takes in its query. */
    static final Set<String> SEARCH = Set.of("backup", "recipient", "reply", "id");

    private static final int SHOWN = 100;

    private static final int RECIPIENTS_IN_TABLE = 2;

    private static final int LONGEST_IN_TABLE = 160;

    private static final int LONGEST_REPLY = 240;

    /** Words of a search, empty where nothing is said; {@code backup} is empty for all. */
    record Search(String backup, String recipient, String reply, String id) {

        static Search of(Parameters asked) {
            return new Search(said(asked, "backup"), said(asked, "recipient"), said(asked, "reply"), said(asked, "id"));
        }

        private static String said(Parameters asked, String name) {
            String text = asked.one(name);
            return text == null ? "" : text.strip();
        }

        /** Whether it narrows anything but the backup. */
        boolean isNarrow() {
            return !(recipient + reply + id).isEmpty();
        }

        List<String> backups() {
            return backup.isEmpty() ? List.of() : List.of(backup);
        }

        /** The same page with this search, for a link. */
        String query() {
            StringBuilder query = new StringBuilder();
            add(query, "backup", backup);
            add(query, "recipient", recipient);
            add(query, "reply", reply);
            add(query, "id", id);
            return query.toString();
        }

        private static void add(StringBuilder query, String name, String value) {
            if (!value.isEmpty()) {
                query.append(query.length() == 0 ? '?' : '&').append(name).append('=').append(Words.url(value));
            }
        }
    }

    /** One copy. */
    record Copy(CopyView view) {

        State state() {
            return State.ofCopy(view.state());
        }

        boolean isDead() {
            return view.state().equals("dead") || view.state().equals("damaged");
        }

        boolean isDamaged() {
            return view.state().equals("damaged");
        }

        String from() {
            return Words.plain("<" + view.from() + ">", LONGEST_IN_TABLE);
        }

        String to() {
            StringBuilder text = new StringBuilder();
            int shown = Math.min(RECIPIENTS_IN_TABLE, view.recipients().size());
            for (int i = 0; i < shown; i++) {
                text.append(i == 0 ? "" : ", ").append(Words.plain("<" + view.recipients().get(i) + ">", LONGEST_IN_TABLE));
            }
            int more = view.recipientCount() - shown;
            return text + (more > 0 ? " and " + Words.number(more) + " more" : "");
        }

        String reply() {
            return Words.plain(view.lastReply(), LONGEST_REPLY);
        }

        /** What names it among those of its backup. */
        String key() {
            return view.key() == null ? view.id() : view.key();
        }

        /** What a form says of it. */
        String pick() {
            return view.backup() + "/" + view.id();
        }

        /** The page about it. */
        String link() {
            return "/page/copy?backup=" + Words.url(view.backup()) + "&id=" + Words.url(view.id())
                    + (isDead() ? "&key=" + Words.url(key()) : "");
        }

        String export() {
            return "/page/export?backup=" + Words.url(view.backup()) + "&key=" + Words.url(key()) + (isDead() ? "" : "&waiting=true");
        }
    }

    static Copies of(Search search, Supplier<Listing> listing) {
        try {
            Listing found = listing.get();
            return new Copies(found.copies().stream().map(Copy::new).toList(), found.more(), "", search);
        } catch (RequestException e) {
            return new Copies(List.of(), 0, Words.plain(e.getMessage()), search);
        }
    }

    /** All but dead letters of one backup. */
    static Copies waiting(Sources sources, Parameters asked) {
        return of(Search.of(asked), () -> sources.steering().copies(List.of(asked.backup()), asked.selection(), SHOWN));
    }

    static Copies dead(Sources sources, Parameters asked) {
        return of(Search.of(asked), () -> sources.steering().deadLetters(asked.backups(), asked.selection(), SHOWN));
    }

    /** The one that a link of ours means. */
    static Copy one(Sources sources, Parameters asked) {
        List<String> backup = List.of(asked.backup());
        Selection meant = new Selection(Set.of(asked.required("id")), null, null);
        String key = asked.one("key");
        Listing found = key == null ? sources.steering().copies(backup, meant, SHOWN) : sources.steering().deadLetters(backup, meant, SHOWN);
        return found.copies().stream().map(Copy::new).filter(copy -> key == null || copy.key().equals(key)).findFirst()
                .orElseThrow(() -> RequestException.notFound("This copy is not here any more: it was delivered, requeued, moved or deleted."));
    }
}
