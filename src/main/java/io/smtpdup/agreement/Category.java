package io.smtpdup.agreement;

import java.util.Locale;
import java.util.Optional;

/** What a refusal is about, whatever the words of the server: the only thing about refusals that is compared. */
public enum Category {

    /** There is no such recipient. */
    ADDRESS,

    /** The recipient exists, its mailbox takes nothing: over quota, disabled. */
    MAILBOX,

    /** The mail is too large. */
    SIZE,

    /** What is in the mail: spam, viruses, attachments. */
    CONTENT,

    /** SPF, DKIM, DMARC, or the sender's address. */
    SENDER_AUTH,

    /** The server does not want mail from this client: relaying, allow-lists, block lists, logins. */
    RELAY_TRUST,

    /** Encryption is missing or demanded. */
    TLS,

    /** SMTP itself: extensions, parameters, too many recipients, line lengths, loops. */
    PROTOCOL,

    /** Come back in some minutes. */
    GREYLIST,

    /** Too much, too fast. */
    THROTTLE,

    /** The server has trouble of its own, or cannot be reached. */
    SYSTEM,

    /** Nothing was refused. */
    NONE;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** As reports, metrics and files name it. */
    public String text() {
        return text;
    }

    /** The one of that name; {@link #NONE} has none that an operator could write. */
    public static Optional<Category> of(String text) {
        for (Category category : values()) {
            if (category != NONE && category.text.equals(text)) {
                return Optional.of(category);
            }
        }
        return Optional.empty();
    }

    /** Whether the same mail would be refused again and again, so that one difference is one too many. */
    public boolean isDeterministic() {
        return switch (this) {
            case ADDRESS, MAILBOX, SIZE, RELAY_TRUST, TLS, PROTOCOL -> true;
            case CONTENT, SENDER_AUTH, GREYLIST, THROTTLE, SYSTEM, NONE -> false;
        };
    }

    /** Whether it is a judgement that two good servers may differ in now and then, so that it has a rate. */
    boolean isJudgement() {
        return this == CONTENT || this == SENDER_AUTH;
    }

    /** Whether it says something about the moment only, and nothing about the recipient or the mail. */
    public boolean isOfTheMoment() {
        return this == GREYLIST || this == THROTTLE || this == SYSTEM;
    }
}
