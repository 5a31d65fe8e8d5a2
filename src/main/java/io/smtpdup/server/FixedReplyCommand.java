package io.smtpdup.server;

import java.util.function.Consumer;

import io.smtpdup.message.Reply;

/** A command with one answer whatever it is asked: NOOP, RSET, HELP, and what we do not offer. */
final class FixedReplyCommand extends SmtpCommand {

    private final Reply reply;
    private final Consumer<ClientSession> effect;

    FixedReplyCommand(String verb, SmtpService service, Reply reply) {
        this(verb, service, reply, session -> { });
    }

    /** @param effect what the command does before it is answered */
    FixedReplyCommand(String verb, SmtpService service, Reply reply, Consumer<ClientSession> effect) {
        super(verb, service);
        this.reply = reply;
        this.effect = effect;
    }

    @Override
    Reply execute(ClientSession session, String argument) {
        effect.accept(session);
        return reply;
    }

    @Override
    boolean isEmpty(ClientSession session) {
        return true;
    }
}
