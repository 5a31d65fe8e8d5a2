package io.smtpdup.server;

import java.time.Clock;

import javax.net.ssl.SSLContext;

import io.smtpdup.message.Reply;
import org.subethamail.smtp.internal.server.CommandHandler;

/** What the commands of one listener share. */
final class SmtpService {

    /** RFC 2033 section 4.1. */
    private static final Reply LHLO_WANTED = Reply.of(500, "5.5.1", "This is LMTP, say LHLO");

    private final SmtpServerConfiguration configuration;

    private final SessionRegistry sessions;

    private final MailReceiver receiver;

    private final SSLContext tls;

    private final NextHop nextHop;

    /**
     * @param tls what STARTTLS uses; null when it is not offered
     * @param nextHop who answers MAIL and RCPT; null when we do
     */
    SmtpService(
            SmtpServerConfiguration configuration, SessionRegistry sessions, MailReceiver receiver, SSLContext tls,
            NextHop nextHop) {
        this.configuration = configuration;
        this.sessions = sessions;
        this.receiver = receiver;
        this.tls = tls;
        this.nextHop = nextHop;
    }

    SmtpServerConfiguration configuration() {
        return configuration;
    }

    SessionRegistry sessions() {
        return sessions;
    }

    MailReceiver receiver() {
        return receiver;
    }

    boolean offersTls() {
        return tls != null;
    }

    SSLContext tls() {
        return tls;
    }

    Clock clock() {
        return receiver.clock();
    }

    /** Who answers MAIL and RCPT; null when we do. */
    NextHop nextHop() {
        return nextHop;
    }

    /** Puts our commands in the place of every one of SubEtha's. */
    void registerCommands(CommandHandler commands) {
        if (configuration.isLmtp()) {
            commands.addCommand(new HelloCommand("LHLO", this));
            commands.addCommand(new FixedReplyCommand("EHLO", this, LHLO_WANTED));
            commands.addCommand(new FixedReplyCommand("HELO", this, LHLO_WANTED));
        } else {
            commands.addCommand(new HelloCommand("EHLO", this));
            commands.addCommand(new HelloCommand("HELO", this));
        }
        commands.addCommand(new MailCommand(this));
        commands.addCommand(new RcptCommand(this));
        commands.addCommand(new DataCommand(this));
        commands.addCommand(new BdatCommand(this));
        commands.addCommand(new ResetCommand(this));
        commands.addCommand(new QuitCommand(this));
        commands.addCommand(new StartTlsCommand(this));
        commands.addCommand(ClientCommand.xclient(this));
        commands.addCommand(ClientCommand.xforward(this));
        commands.addCommand(new FixedReplyCommand("NOOP", this, Reply.of(250, "2.0.0", "Ok")));
        commands.addCommand(new FixedReplyCommand("HELP", this, Reply.of(214, "2.0.0", "See RFC 5321")));
        commands.addCommand(new FixedReplyCommand("VRFY", this, Reply.of(252, "2.5.0", "Send some mail and see")));
        commands.addCommand(new FixedReplyCommand("EXPN", this, Reply.of(502, "5.5.1", "EXPN is not offered here")));
        commands.addCommand(new FixedReplyCommand("AUTH", this, Reply.of(502, "5.5.1", "AUTH is not offered here")));
    }
}
