package io.smtpdup.server;

import javax.net.ssl.SSLContext;

import io.smtpdup.message.NextHop;
import io.smtpdup.message.Reply;

/**
 * What the commands of one listener share.
 *
 * @param tls what STARTTLS uses; null when it is not offered
 * @param nextHop who answers MAIL and RCPT; null when we do
 * @param room of the heap for recipients
 * @param refusals hears of recipients that the next hop refuses; null when nobody wants to
 */
record SmtpService(
        SmtpServerConfiguration configuration, SessionRegistry sessions, MailReceiver receiver, SSLContext tls, NextHop nextHop,
        RecipientRoom room, RefusalWatcher refusals) {

    private static final Reply OK = Reply.of(250, "2.0.0", "Ok");

    private static final Reply NO_CHUNKS = Reply.of(502, "5.5.1", "CHUNKING is not offered here, closing connection");

    /** RFC 2033 section 4.1. */
    private static final Reply LHLO_WANTED = Reply.of(500, "5.5.1", "This is LMTP, use LHLO");

    /** All that a client may say. */
    CommandTable commands() {
        CommandTable commands = new CommandTable(this);
        if (configuration.isLmtp()) {
            commands.add(new HelloCommand("LHLO", this));
            commands.add(new FixedReplyCommand("EHLO", this, LHLO_WANTED));
            commands.add(new FixedReplyCommand("HELO", this, LHLO_WANTED));
        } else {
            commands.add(new HelloCommand("EHLO", this));
            commands.add(new HelloCommand("HELO", this));
        }
        commands.add(new MailCommand(this));
        commands.add(new RcptCommand(this));
        commands.add(new DataCommand(this));
        commands.add(new ClosingCommand("BDAT", this, NO_CHUNKS, true));
        commands.add(new FixedReplyCommand("RSET", this, OK, ClientSession::reset));
        commands.add(new ClosingCommand("QUIT", this, Reply.of(221, "2.0.0", "Bye"), false));
        commands.add(new StartTlsCommand(this));
        commands.add(ClientCommand.xclient(this));
        commands.add(ClientCommand.xforward(this));
        commands.add(new FixedReplyCommand("NOOP", this, OK));
        commands.add(new FixedReplyCommand("HELP", this, Reply.of(214, "2.0.0", "See RFC 5321")));
        commands.add(new FixedReplyCommand("VRFY", this, Reply.of(252, "2.5.0", "Send some mail and see")));
        commands.add(new FixedReplyCommand("EXPN", this, Reply.of(502, "5.5.1", "EXPN is not offered here")));
        commands.add(new FixedReplyCommand("AUTH", this, Reply.of(502, "5.5.1", "AUTH is not offered here")));
        return commands;
    }
}
