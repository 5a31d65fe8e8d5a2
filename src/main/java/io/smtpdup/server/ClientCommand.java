package io.smtpdup.server;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import io.smtpdup.message.Reply;

/**
 * XCLIENT and XFORWARD: a trusted relay says for whom it speaks. XFORWARD is for the log and for the servers behind us, and
 * holds for one mail; XCLIENT puts the client in the relay's place, also in the Received field, and the session begins
 * anew.
 */
final class ClientCommand extends SmtpCommand {

    private static final Reply NOT_TRUSTED = Reply.of(550, "5.7.0", "You are not allowed to use this command");

    private static final Reply WITHIN_MAIL = Reply.of(503, "5.5.1", "A transaction is open, send RSET first");

    private static final Reply OK = Reply.of(250, "2.0.0", "Ok");

    private final boolean begins;

    private ClientCommand(String verb, boolean begins, SmtpService service) {
        super(verb, service);
        this.begins = begins;
    }

    static ClientCommand xclient(SmtpService service) {
        return new ClientCommand("XCLIENT", true, service);
    }

    static ClientCommand xforward(SmtpService service) {
        return new ClientCommand("XFORWARD", false, service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (!service().sessions().isTrusted(session)) {
            return NOT_TRUSTED;
        }
        if (session.transaction() != null) {
            return WITHIN_MAIL;
        }
        Optional<ClientAttributes> client = ClientAttributes.parse(argument);
        if (client.isEmpty()) {
            return SYNTAX;
        }
        if (!begins) {
            session.forward(client.get());
            return OK;
        }
        session.speakFor(client.get());
        // A greeting carries no enhanced status code.
        String spoken = configuration().isLmtp() ? "LMTP" : "ESMTP";
        return new Reply(220, List.of(configuration().getDomain() + " " + spoken + " SMTP Duplicator"));
    }
}
