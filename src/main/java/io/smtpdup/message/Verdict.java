package io.smtpdup.message;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a server said to a mail, and how long it took. That of the primary travels with each copy, as the header
 * {@value SmtpServerConstants#VERDICT}, until a backup's answer can be compared with it.
 *
 * @param reply of the primary, which has taken the mail: to the final dot
 * @param server how the server calls itself in its greeting and to EHLO; empty when that is not known
 * @param took how long it let us wait for its replies, and for reading the content, from MAIL to the reply to the final dot; null when
 *     that is not known, or counted with another copy of the mail
 * @param recipients whom the reply is about, as the mail named them
 */
public record Verdict(Reply reply, String server, @Nullable Duration took, List<String> recipients) {

    /** The property of an exchange that has what the server of its latest {@code smtp} step said, which may be a refusal. */
    public static final String LATEST = "CamelSmtpLatestVerdict";

    /** The same, with its time told elsewhere. */
    public Verdict withoutTime() {
        return new Verdict(reply, server, null, recipients);
    }
}
