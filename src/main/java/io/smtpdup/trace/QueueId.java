package io.smtpdup.trace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name that a server gives a mail in its reply to the final dot, so that its own log can be searched for it. */
final class QueueId {

    /** Postfix and many others; Exim; Exchange; Sendmail. */
    private static final Pattern IN_REPLY = Pattern.compile(
            "queued as ([\\w.-]{4,64})|\\bid=([\\w.-]{4,64})|\\bInternalId=(\\d{4,64})|\\b([\\w]{8,64}) Message accepted for delivery",
            Pattern.CASE_INSENSITIVE);

    private QueueId() {
    }

    /** The one in a reply; empty when it names none. */
    static Optional<String> in(String reply) {
        Matcher found = IN_REPLY.matcher(reply);
        if (!found.find()) {
            return Optional.empty();
        }
        for (int i = 1; i <= found.groupCount(); i++) {
            if (found.group(i) != null) {
                return Optional.of(found.group(i).replaceFirst("[.-]+$", ""));
            }
        }
        return Optional.empty();
    }

    /** Whether a reply has a word, in whatever form servers name queue ids; in the same case, as they are written. */
    static boolean names(String reply, String word) {
        for (int at = reply.indexOf(word); at >= 0; at = reply.indexOf(word, at + 1)) {
            int end = at + word.length();
            if ((at == 0 || !Character.isLetterOrDigit(reply.charAt(at - 1)))
                    && (end == reply.length() || !Character.isLetterOrDigit(reply.charAt(end)))) {
                return true;
            }
        }
        return false;
    }
}
