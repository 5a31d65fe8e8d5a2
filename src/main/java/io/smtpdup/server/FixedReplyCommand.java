package io.smtpdup.server;

import io.smtpdup.message.Reply;

/** A command with one answer whatever it is asked: NOOP, HELP, and what we do not offer. */
final class FixedReplyCommand extends SmtpCommand {

    private final Reply reply;

    FixedReplyCommand(String verb, SmtpService service, Reply reply) {
        super(verb, service);
        this.reply = reply;
    }

    @Override
    Reply execute(ClientSession session, String argument) {
        return reply;
    }

    @Override
    boolean isEmpty(ClientSession session) {
        return true;
    }
}
