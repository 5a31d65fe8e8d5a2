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

    private final RecipientRoom recipients = RecipientRoom.ofHeap();

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

    /** A new mail's share of the heap for its recipients. */
    RecipientRoom.Share recipientRoom() {
        return recipients.share();
    }

    /** Puts our commands in the place of SubEtha's. */
    void registerCommands(CommandHandler library) {
        CommandTable commands = new CommandTable(this);
        library.addCommand(commands);
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
        commands.add(new BdatCommand(this));
        commands.add(new ResetCommand(this));
        commands.add(new QuitCommand(this));
        commands.add(new StartTlsCommand(this));
        commands.add(ClientCommand.xclient(this));
        commands.add(ClientCommand.xforward(this));
        commands.add(new FixedReplyCommand("NOOP", this, Reply.of(250, "2.0.0", "Ok")));
        commands.add(new FixedReplyCommand("HELP", this, Reply.of(214, "2.0.0", "See RFC 5321")));
        commands.add(new FixedReplyCommand("VRFY", this, Reply.of(252, "2.5.0", "Send some mail and see")));
        commands.add(new FixedReplyCommand("EXPN", this, Reply.of(502, "5.5.1", "EXPN is not offered here")));
        commands.add(new FixedReplyCommand("AUTH", this, Reply.of(502, "5.5.1", "AUTH is not offered here")));
    }
}
