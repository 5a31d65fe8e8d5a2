package io.smtpdup.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.tools.RequestException;
import io.smtpdup.tools.TraceTools;
import io.smtpdup.trace.TraceQuery;
import io.smtpdup.trace.TracedMail;
import io.smtpdup.trace.Whereabouts;

/**
 * One mail's whole life.
 *
 * @param notes what could not be looked through
 */
record MailPage(TracedMail mail, List<String> notes) {

    /** What an event says that stands elsewhere on the page already. */
    private static final Set<String> ELSEWHERE = Set.of("id", "from", "nrcpt", "size", "message_id", "helo", "client", "role");

    private static final int RECIPIENTS = 20;

    static MailPage of(Sources sources, String id) {
        TraceTools.Found found = sources.mails().find(new TraceQuery(id, null, null, null, null), 2);
        TracedMail mail = found.mails().stream().filter(one -> one.id().equalsIgnoreCase(id)).findFirst()
                .orElseThrow(() -> RequestException.notFound("Nothing is known of this mail any more; see the log."));
        return new MailPage(mail, List.copyOf(found.notes()));
    }

    static State state(String state) {
        return switch (state) {
            case "accepted" -> State.ok(state);
            case "rejected", "refused" -> State.warn(state);
            default -> State.bad(state);
        };
    }

    /** Of a copy. */
    static State state(Whereabouts copy) {
        return switch (copy.state()) {
            case "delivered" -> State.ok(copy.state());
            case "in-flight" -> State.ok("being sent");
            case "waiting", "requeued", "moved", "replayed" -> State.idle(copy.state());
            case "deferred", "partial", "unknown" -> State.warn(copy.state());
            default -> State.bad(copy.state());
        };
    }

    /** Of an event. */
    static State state(LoggedEvent event) {
        String word = event.event().text();
        return switch (event.event()) {
            case ACCEPTED, DELIVERED -> State.ok(word);
            case DEAD_LETTERED, FAILED, LOST, DAMAGED -> State.bad(word);
            case REQUEUED, MOVED, REPLAYED -> State.idle(word);
            default -> State.warn(word);
        };
    }

    String id() {
        return Words.plain(mail.id(), 60);
    }

    List<String> recipients() {
        return mail.recipients().stream().limit(RECIPIENTS).map(Words::path).toList();
    }

    long moreRecipients() {
        return Math.max(0, mail.recipientCount() - recipients().size());
    }

    /** Where a copy is looked at; null where nobody has found it. */
    static String link(TracedMail mail, Whereabouts copy) {
        if (!copy.found() || copy.backup() == null) {
            return null;
        }
        boolean dead = copy.state().equals("dead") || copy.state().equals("damaged");
        return "/page/copy?backup=" + Words.url(copy.backup()) + "&id=" + Words.url(mail.id())
                + (dead && copy.key() != null ? "&key=" + Words.url(copy.key()) : "");
    }

    /** Who an event is about. */
    static String who(LoggedEvent event) {
        String role = event.text("role");
        String destination = event.text("destination");
        return destination.isEmpty() ? "client " + Words.plain(event.text("client")) : (role.isEmpty() ? "" : role + " ") + Words.plain(destination);
    }

    /** Those to whom it went, where that is not all of the mail's. */
    private String to(LoggedEvent event) {
        return event.all("to").equals(mail.recipients()) ? "" : String.join(", ", event.all("to"));
    }

    /** What an event says besides, each with its name. */
    List<String> said(LoggedEvent event) {
        List<String> said = new ArrayList<>();
        event.fields().forEach((name, value) -> {
            String text = name.equals("to") ? to(event) : name.equals("delay") ? event.text(name) + " s" : event.text(name);
            if (!ELSEWHERE.contains(name) && !name.equals("destination") && !name.equals("reply") && !text.isEmpty()) {
                said.add(name.replace('_', ' ') + " " + Words.plain(text));
            }
        });
        return said;
    }
}
