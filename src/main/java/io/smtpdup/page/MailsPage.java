package io.smtpdup.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.TraceTools;
import io.smtpdup.trace.TraceQuery;
import io.smtpdup.trace.TracedMail;

/**
 * The latest mails, or those that somebody searched for.
 *
 * @param notes what could not be looked through
 */
record MailsPage(List<Mail> mails, long more, List<String> notes, String id, String recipient, String sender) {

    /** What a search takes in its query. */
    static final Set<String> SEARCH = Set.of("id", "recipient", "sender");

    private static final int SHOWN = 100;

    private static final int RECIPIENTS = 2;

    private static final int LONGEST = 160;

    /** A row of the table. */
    record Mail(TracedMail mail) {

        State state() {
            return MailPage.state(mail.state());
        }

        String from() {
            return mail.from() == null ? "" : Words.plain("<" + mail.from() + ">", LONGEST);
        }

        String to() {
            List<String> shown = new ArrayList<>();
            mail.recipients().stream().limit(RECIPIENTS).forEach(recipient -> shown.add(Words.plain("<" + recipient + ">", LONGEST)));
            long more = mail.recipientCount() - shown.size();
            return String.join(", ", shown) + (more > 0 ? " and " + Words.number(more) + " more" : "");
        }

        String copies() {
            return String.join(", ", mail.copies().stream().map(copy -> Words.plain(copy.state() + " at " + copy.destination())).toList());
        }
    }

    static MailsPage of(Sources sources, Parameters asked) {
        TraceQuery query = asked.mail();
        TraceTools.Found found = query.isAll() ? sources.mails().latest(SHOWN) : sources.mails().find(query, SHOWN);
        return new MailsPage(found.mails().stream().map(Mail::new).toList(), found.more(), List.copyOf(found.notes()), said(asked, "id"),
                said(asked, "recipient"), said(asked, "sender"));
    }

    private static String said(Parameters asked, String name) {
        String text = asked.one(name);
        return text == null ? "" : text.strip();
    }

    boolean isNarrow() {
        return !(id + recipient + sender).isEmpty();
    }
}
