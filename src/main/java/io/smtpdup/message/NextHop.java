package io.smtpdup.message;

import java.util.Optional;

/**
 * The server whose replies to MAIL and RCPT the client hears, asked while the client is still talking. An smtp endpoint is
 * one; an {@code smtp-server} endpoint asks the one that its option {@code recipientCheck} names.
 */
public interface NextHop {

    /** What the server announced when it last answered EHLO; empty when it could not be reached so far. */
    Optional<Extensions> extensions();

    /**
     * Begins a mail at the server: MAIL is on its way when this returns, or kept back to leave with more.
     *
     * @param mail without recipients
     * @param size the octets the client declared with SIZE; -1 when it did not
     * @param client whom the mail comes from
     */
    Conversation begin(Envelope mail, long size, ClientIdentity client);

    /**
     * One mail at the server, from MAIL to where the route takes over. Used by one thread at a time. Replies come in the
     * order of the questions: {@link #mailReply} first and then, once for each {@link #ask}, {@link #nextReply}.
     */
    interface Conversation extends AutoCloseable {

        /** Waits for the reply to MAIL. A server that cannot be reached is 451 4.4.1. */
        Reply mailReply();

        /** Sends RCPT, or keeps it back to leave with more. */
        void ask(Recipient recipient);

        /** Waits for the reply to the first RCPT that has had none. */
        Reply nextReply();

        /**
         * Sends DATA, together with what was asked before and is still kept back, where the server allows it (RFC 2920): the
         * server thinks about it while the client, or we, do something else. Its reply is heard by {@link #contentReply}, after the
         * last {@link #nextReply}; or else by the route's smtp step, once the content is here, and a refusal is then that step's.
         *
         * @return false when nothing was done, so that the smtp step says DATA
         */
        default boolean askForContent() {
            return false;
        }

        /**
         * Waits for the reply to DATA, once after an {@link #askForContent} that returned true, or never. After 354 the route
         * may send the content, or {@link #close} gives the connection up; anything else is for the client.
         */
        default Reply contentReply() {
            throw new IllegalStateException("DATA was not asked");
        }

        /**
         * Whether the reply to DATA is here already, so that {@link #contentReply} would not wait. To be asked after the last
         * {@link #nextReply}.
         */
        default boolean hasContentReply() {
            return false;
        }

        /** Who gave the latest reply, and why when it was no word of the server's; for the log. */
        default ServerAnswer answer() {
            return ServerAnswer.OURS;
        }

        /**
         * Ends it, wherever it is: the connection is free for another mail, or gone. After the route has used it, and after
         * the first call, this does nothing.
         */
        @Override
        void close();
    }

    /**
     * The exchange property that holds a {@code Consumer<Reply>}, which the smtp step calls with the reply of a server that has
     * taken the mail and whose reply the client hears: so the log has that the mail was accepted before what becomes of it.
     */
    String ACCEPTANCE = "CamelSmtpServerAcceptance";

    /** The exchange property that holds the {@link Conversation} for the route's smtp step to go on with. */
    String CONVERSATION = "CamelSmtpServerConversation";
}
