package io.smtpdup.message;

import org.jspecify.annotations.Nullable;

/**
 * Who has answered a client's command that was passed on, for the log.
 *
 * @param destination host and port; null when we have answered ourselves
 * @param role primary, backup or other; null as well then
 * @param cause why the answer is ours and not the server's word; null when it is its word
 * @param name how the server calls itself in its greeting and to EHLO; empty when that is not known
 */
public record ServerAnswer(@Nullable String destination, @Nullable String role, @Nullable String cause, String name) {

    /** Nobody but us. */
    public static final ServerAnswer OURS = new ServerAnswer(null, null, null, "");

    /** Whether it is the word of the server, and not ours in its place. */
    public boolean isTheServers() {
        return destination != null && cause == null;
    }
}
