package io.smtpdup.agreement;

/** What to do about a difference, for those who read the report. */
final class Advice {

    private Advice() {
    }

    /** What such refusals are called in a sentence. */
    static String words(Category category) {
        return switch (category) {
            case ADDRESS -> "the recipient is not known";
            case MAILBOX -> "the mailbox takes nothing";
            case SIZE -> "the mail is too large";
            case CONTENT -> "the content is not wanted";
            case SENDER_AUTH -> "the sender is not trusted (SPF, DKIM, DMARC, its address)";
            case RELAY_TRUST -> "the relay is not trusted";
            case TLS -> "encryption";
            case PROTOCOL -> "SMTP itself (extensions, limits, loops)";
            case GREYLIST -> "greylisting";
            case THROTTLE -> "too much at a time";
            case SYSTEM -> "trouble of the server's own";
            case NONE -> "no reason given";
        };
    }

    /** Where the backup refuses what the primary takes. */
    static String forRefused(Category category) {
        return switch (category) {
            case ADDRESS -> "Create the missing mailboxes and aliases on the backup, then requeue the dead letters.";
            case MAILBOX -> "Raise the quota or enable the mailbox on the backup.";
            case SIZE -> "Raise the size limit of the backup to the primary's.";
            case CONTENT -> "Compare the content filters, and exempt the relay where the backup is stricter.";
            case SENDER_AUTH -> "List the relay as a trusted relay on the backup, so that it checks the original client and not the relay.";
            case RELAY_TRUST -> "Allow the relay's address on the backup: connector, mynetworks, allow-list, or a login.";
            case TLS -> "Give the relay's connection to the backup the encryption that it asks for.";
            case PROTOCOL -> "Compare what both servers announce in EHLO, and their limits; enable what is missing.";
            case GREYLIST -> "Exempt the relay from greylisting on the backup.";
            case THROTTLE -> "Raise the backup's limits for the relay, or let the relay send more slowly.";
            case SYSTEM -> "Look into the log of the backup, and at the connection between relay and backup.";
            case NONE -> "Look at the examples in the log of both servers.";
        };
    }

    /** Where both refuse, and the backup for such a reason as the primary has not: no mail is at stake, but what its sender is told. */
    static String forDifferent(Category category) {
        return switch (category) {
            case RELAY_TRUST, TLS, SENDER_AUTH, PROTOCOL -> forRefused(category)
                    + " Until then it is not known what the backup says about the recipient.";
            default -> "No mail is at stake, but senders would be told another reason: look at both replies, and if the backup's is right as"
                    + " well, say so in the rules of expected differences.";
        };
    }

    /** Where the backup would take what the primary refuses. */
    static String forLeaked(Category category) {
        return switch (category) {
            case ADDRESS -> "Let the backup refuse unknown recipients at RCPT; otherwise it will send bounces to forged senders.";
            case CONTENT, SENDER_AUTH -> "Compare the filters: the backup lets in what the primary keeps out.";
            default -> "Decide whether the backup shall refuse this too; if not, say so in the rules of expected differences.";
        };
    }
}
