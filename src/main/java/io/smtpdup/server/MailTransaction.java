package io.smtpdup.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Origin;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;

/** What a client has said of one mail between MAIL and the end of its content. Used by one thread. */
final class MailTransaction {

    private static final Reply MAIL_REFUSED = Reply.of(503, "5.5.1", "MAIL was refused");

    private final String id;
    private final Envelope mail;
    private final NextHop.Conversation conversation;
    private final RecipientRoom.Share room;
    private final List<Recipient> accepted = new ArrayList<>();
    private int undecided;
    private boolean refused;
    private boolean recipientsRefused;

    private boolean contentAsked;

    /**
     * @param id of the mail
     * @param mail what MAIL said; without recipients
     * @param conversation with the server that decides about the recipients; null when we accept them
     * @param room of the heap for its recipients
     */
    MailTransaction(String id, Envelope mail, NextHop.Conversation conversation, RecipientRoom.Share room) {
        this.id = id;
        this.mail = mail;
        this.conversation = conversation;
        this.room = room;
    }

    String id() {
        return id;
    }

    String reversePath() {
        return mail.reversePath();
    }

    boolean isSmtpUtf8() {
        return mail.smtpUtf8();
    }

    /** The recipients accepted, and those nobody has answered yet. */
    int recipientCount() {
        return accepted.size() + undecided;
    }

    /** The server that decides about the recipients; null when we accept them. */
    NextHop.Conversation conversation() {
        return conversation;
    }

    /** Hears what the server says to MAIL. */
    Reply mailReply() {
        Reply reply = conversation.mailReply();
        refused = !reply.isPositive();
        return reply;
    }

    /** Who gave the latest reply. */
    ServerAnswer answer() {
        return conversation == null ? ServerAnswer.OURS : conversation.answer();
    }

    /** True when the server would not have the sender. */
    boolean isRefused() {
        return refused;
    }

    /** Whether there is room for one more. The first always has it: a mail to one is nobody's burden. */
    boolean hasRoomFor(Recipient recipient) {
        return recipientCount() == 0 || room.take(recipient);
    }

    void accept(Recipient recipient) {
        accepted.add(recipient);
    }

    /** Asks the server about a recipient; {@link #decide} has the answer. */
    void ask(Recipient recipient) {
        undecided++;
        conversation.ask(recipient);
    }

    /** Hears what the server says to the recipient that has waited longest. */
    Reply decide(Recipient recipient) {
        undecided--;
        Reply reply = conversation.nextReply();
        if (refused && reply.isPositive()) {
            return MAIL_REFUSED;
        }
        if (reply.isPositive()) {
            accepted.add(recipient);
        } else {
            recipientsRefused = true;
        }
        return reply;
    }

    /** Whether the server would not have a recipient. */
    boolean hasRefusedRecipients() {
        return recipientsRefused;
    }

    /** Asks the server for the content, so that it can think about that while the client sends; unless it was asked before. */
    void askForContent() {
        contentAsked |= conversation != null && recipientCount() > 0 && !contentAsked && conversation.askForContent();
    }

    /**
     * What the server says to DATA, a refusal or 354; empty when nobody knows that yet, and the content shall come.
     *
     * @param wanted whether to wait for it
     */
    Optional<Reply> contentReply(boolean wanted) {
        return contentAsked && (wanted || conversation.hasContentReply()) ? Optional.of(conversation.contentReply()) : Optional.empty();
    }

    /** The mail with the recipients accepted. */
    Envelope envelope() {
        return mail.withForwardPaths(accepted);
    }

    /** The mail as it would be for this recipient alone, without a word about reports. */
    Envelope envelopeFor(Recipient recipient, ClientIdentity client) {
        return new Envelope(mail.reversePath(), null, mail.smtpUtf8(), null, null, List.of(new Recipient(recipient.address())),
                new Origin(client, null, null, null));
    }

    /** Nothing more comes of it; what the route has taken over goes on. */
    void end() {
        room.end();
        if (conversation != null) {
            conversation.close();
        }
    }
}
