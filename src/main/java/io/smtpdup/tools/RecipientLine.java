package io.smtpdup.tools;

import java.util.Locale;
import java.util.Optional;

import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Path;
import io.smtpdup.message.Path.MalformedPathException;
import io.smtpdup.message.Recipient;

/** A recipient in a file's envelope, written as RCPT has it: {@code <c@d.example> NOTIFY=NEVER ORCPT=rfc822;x@d.example}. */
final class RecipientLine {

    private static final String NOTIFY = "NOTIFY=";

    private static final String ORCPT = "ORCPT=";

    private RecipientLine() {
    }

    static String of(Recipient recipient) {
        return "<" + recipient.address() + ">"
                + (recipient.notifyOn() == null ? "" : " " + NOTIFY + recipient.notifyOn())
                + (recipient.orcpt() == null ? "" : " " + ORCPT + recipient.orcpt());
    }

    /** Empty when the text is malformed, or says more than that. */
    static Optional<Recipient> read(String text) {
        if (text.indexOf(QueryText.UNREADABLE) >= 0) {
            return Optional.empty();
        }
        try {
            Path path = Path.parse(text);
            String rest = text.substring(path.end());
            if (!rest.isEmpty() && rest.charAt(0) != ' ') {
                return Optional.empty();
            }
            String notifyOn = null;
            String orcpt = null;
            for (String word : rest.strip().split(" +")) {
                String upper = word.toUpperCase(Locale.ROOT);
                if (upper.startsWith(NOTIFY) && notifyOn == null && DsnParameters.isNotify(word.substring(NOTIFY.length()))) {
                    notifyOn = word.substring(NOTIFY.length());
                } else if (upper.startsWith(ORCPT) && orcpt == null
                        && DsnParameters.isOrcpt(word.substring(ORCPT.length()), true)) {
                    orcpt = word.substring(ORCPT.length());
                } else if (!word.isEmpty()) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Recipient(path.address(), notifyOn, orcpt));
        } catch (MalformedPathException e) {
            return Optional.empty();
        }
    }
}
