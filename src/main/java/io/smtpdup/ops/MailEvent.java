package io.smtpdup.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.slf4j.event.Level;

/** The events of a mail's life, each a line in the log, with the fields that it may have, in their order. */
public enum MailEvent {

    REFUSED(Level.WARN, "id", "client", "destination", "role", "from", "reply", "cause"),
    COMMAND_REFUSED(Level.WARN, "client", "command", "reply"),
    CUT_OFF(Level.WARN, "client", "reply", "errors", "empty_commands", "refusals", "unlogged"),
    TLS_FAILED(Level.WARN, "client", "cause"),
    UNLOGGED(Level.WARN, "client", "cause", "unlogged"),
    RECIPIENT_REJECTED(Level.WARN, "id", "client", "destination", "role", "from", "to", "reply", "cause"),
    ACCEPTED(Level.INFO, "id", "client", "from", "to", "nrcpt", "size", "message_id", "helo", "reply"),
    REJECTED(Level.WARN, "id", "client", "from", "to", "nrcpt", "size", "message_id", "destination", "role", "reply", "cause"),
    VANISHED(Level.WARN, "id", "client", "from", "to", "nrcpt", "size", "cause"),
    UNHEARD(Level.WARN, "id", "client", "reply", "cause"),
    DELIVERED(Level.INFO, "id", "destination", "role", "from", "to", "nrcpt", "size", "attempts", "delay", "reply"),
    PARTIAL(Level.WARN, "id", "destination", "role", "from", "to", "nrcpt", "size", "attempts", "delay", "reply", "cause"),
    DEFERRED(Level.WARN, "id", "destination", "role", "from", "to", "nrcpt", "size", "attempts", "delay", "reply", "cause"),
    FAILED(Level.WARN, "id", "destination", "role", "from", "to", "nrcpt", "size", "attempts", "delay", "reply", "cause"),
    UNKNOWN(Level.WARN, "id", "destination", "role", "from", "to", "nrcpt", "size", "attempts", "delay", "reply", "cause"),
    DEAD_LETTERED(Level.ERROR, "id", "destination", "from", "to", "nrcpt", "size", "attempts", "reply", "cause"),
    REQUEUED(Level.INFO, "id", "destination", "from", "nrcpt", "size"),
    DELETED(Level.WARN, "id", "destination", "from", "nrcpt", "size"),
    REPLAYED(Level.INFO, "id", "destination", "from", "nrcpt", "size"),
    MOVED(Level.INFO, "id", "destination", "from", "nrcpt", "size"),
    KEPT(Level.WARN, "id", "queue", "cause"),
    LOST(Level.ERROR, "id", "destination", "cause"),
    DAMAGED(Level.ERROR, "id", "destination", "cause"),
    DIFFERENCE(Level.WARN, "id", "destination", "relation", "category", "stage", "primary", "reply"),
    ECHO(Level.WARN, "id", "client", "destination", "kind", "from"),
    AWAY(Level.WARN, "destination", "role", "cause"),
    BACK(Level.INFO, "destination", "role", "seconds"),
    PRIMARY(Level.WARN, "destination", "before", "how", "reason", "verdict"),
    RELOAD(Level.INFO, "reason", "result", "problems", "changed", "added", "removed", "routes", "certificate", "restart");

    private final Level level;

    private final List<String> fields;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    MailEvent(Level level, String... fields) {
        this.level = level;
        this.fields = List.of(fields);
    }

    /** As the log shows it. */
    public String text() {
        return text;
    }

    /** The one that the log shows as this; empty when there is none. */
    public static Optional<MailEvent> of(String text) {
        return Arrays.stream(values()).filter(event -> event.text.equals(text)).findFirst();
    }

    public Level level() {
        return level;
    }

    /** Every field it may have, in the order of the line; one that says nothing is left out. */
    public List<String> fields() {
        return fields;
    }
}
