package io.smtpdup.delivery;

import java.time.Duration;
import java.util.List;

/**
 * How long a server may take, step by step. The defaults are those of RFC 5321 section 4.5.3.2, which says why they are so
 * long: a mail that is given up while the server still works on it is a mail that arrives twice.
 *
 * @param connect for a TCP connection to one address, and for a TLS handshake
 * @param command for the greeting, and for the reply to any command but those below
 * @param data for the reply to DATA
 * @param content for each block of content that is written
 * @param dot for the reply to the final dot
 */
record TimeLimits(Duration connect, Duration command, Duration data, Duration content, Duration dot) {

    static final TimeLimits DEFAULT = new TimeLimits(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(2),
            Duration.ofMinutes(3), Duration.ofMinutes(10));

    /** @throws IllegalArgumentException for less than a millisecond, or more than the 24 days that a socket knows */
    TimeLimits {
        for (Duration limit : List.of(connect, command, data, content, dot)) {
            if (limit.toMillis() < 1 || limit.toMillis() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("not allowed for a time limit: " + limit);
            }
        }
    }

    /** For what decides nothing any more: no mail waits longer for it. */
    private static final Duration FAREWELL = Duration.ofSeconds(20);

    /**
     * For the first reply on a connection that lay in a pool: a peer that has forgotten us never answers, and a fresh
     * connection can be had.
     */
    private static final Duration REUSE = Duration.ofSeconds(20);

    /**
     * For what follows the first reply to commands that left together: a server that cannot read them together leaves it at
     * that, and to ask it one by one costs no more than a connection.
     */
    private static final Duration REST = Duration.ofSeconds(5);

    /** For a session, whatever it takes: about as long as a client waits for the reply to its MAIL. */
    private static final Duration SESSION = Duration.ofMinutes(5);

    /**
     * What an operator has asked for.
     *
     * @param usual what connect, command and data are when they are zero; zero for their defaults
     * @throws IllegalArgumentException when that is no time to wait
     */
    static TimeLimits of(Duration usual, Duration connect, Duration command, Duration data, Duration content, Duration dot) {
        return new TimeLimits(first(connect, usual, DEFAULT.connect), first(command, usual, DEFAULT.command),
                first(data, usual, DEFAULT.data), content, dot);
    }

    private static Duration first(Duration own, Duration usual, Duration last) {
        return !own.isZero() ? own : usual.isZero() ? last : usual;
    }

    /** For the reply to a step; for CONTENT, for each write. */
    Duration of(Step step) {
        return switch (step) {
            case DATA -> data;
            case CONTENT -> content;
            case FINAL_DOT -> dot;
            case RSET -> farewell();
            default -> command;
        };
    }

    /** As {@link #of}, for the first reply on a connection that lay in a pool. */
    Duration ofFirst(Step step) {
        return shorter(of(step), REUSE);
    }

    /** As {@link #of}, for a reply that is one of several to what has left together, and not the first. */
    Duration ofRest(Step step) {
        return shorter(Duration.ofNanos(of(step).toNanos() / 4 * 3), REST);
    }

    /** For RSET, QUIT and the end of a connection. */
    Duration farewell() {
        return shorter(command, FAREWELL);
    }

    /** For all there is before the first mail, at all addresses of a name together. */
    Duration session() {
        Duration atLeast = connect.plus(command);
        return atLeast.compareTo(SESSION) > 0 ? atLeast : SESSION;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
