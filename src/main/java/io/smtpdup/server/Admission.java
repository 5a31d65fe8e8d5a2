package io.smtpdup.server;

import java.util.Optional;

import io.smtpdup.message.Reply;

/**
 * Looks at MAIL whether a mail may begin, and when its content is there whether it may go on: moments at which a client can
 * be sent away with nothing done yet. An {@code smtp-server} endpoint asks the bean that its option {@code admission} names.
 */
@FunctionalInterface
public interface Admission {

    /**
     * Asked while the client waits, by many threads at a time: answers from memory.
     *
     * @param size the octets of the mail; at MAIL those that the client has declared, 0 when it has not
     * @return the negative reply the client gets; empty when the mail may go on
     */
    Optional<Reply> refusal(long size);
}
