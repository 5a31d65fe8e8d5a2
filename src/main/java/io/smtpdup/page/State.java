package io.smtpdup.page;

/**
 * How something is, in a word and with a sign of its own, so that nobody has to see colours.
 *
 * @param word what is read
 * @param kind ok, warn, bad or idle: the sign and the colour
 */
record State(String word, String kind) {

    static State ok(String word) {
        return new State(word, "ok");
    }

    static State warn(String word) {
        return new State(word, "warn");
    }

    static State bad(String word) {
        return new State(word, "bad");
    }

    static State idle(String word) {
        return new State(word, "idle");
    }

    /** Of a backup or a queue, as {@link io.smtpdup.tools.BackupView} names it. */
    static State ofQueue(String state) {
        return switch (state) {
            case "active" -> ok(state);
            case "paused", "elsewhere" -> idle(state);
            default -> warn(state);
        };
    }

    /** Of an agreement verdict. */
    static State ofVerdict(String verdict) {
        return switch (verdict) {
            case "ready" -> ok(verdict);
            case "not-ready" -> bad("not ready");
            default -> warn(verdict);
        };
    }

    /** Of a copy. */
    static State ofCopy(String state) {
        return switch (state) {
            case "in-flight" -> ok("being sent");
            case "waiting" -> idle(state);
            case "deferred" -> warn(state);
            default -> bad(state);
        };
    }
}
