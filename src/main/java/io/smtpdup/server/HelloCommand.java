package io.smtpdup.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.Reply;

/** EHLO, HELO, LMTP's LHLO: the client says its name, and hears what we can do (RFC 5321 section 4.1.1.1, RFC 2033). */
final class HelloCommand extends SmtpCommand {

    private static final int LONGEST_NAME = 255;

    private static final Reply NAME_MISSING = Reply.of(501, "5.5.4", "Give your domain name or address literal");

    private final boolean esmtp;

    HelloCommand(String verb, SmtpService service) {
        super(verb, service);
        this.esmtp = !verb.equals("HELO");
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (argument.isEmpty() || argument.length() > LONGEST_NAME
                || hasBlankOrControl(argument)) {
            return NAME_MISSING;
        }
        session.greet(argument, esmtp);
        if (esmtp) {
            session.offer(Announcement.of(
                    configuration(), service().tls() != null && !session.isSecure(),
                    service().sessions().isTrusted(session), service().nextHop()));
        }
        // The greeting's replies carry no enhanced status codes (RFC 2034 section 4).
        return new Reply(250, lines(session));
    }

    /** The first one is no more than polite. */
    @Override
    boolean isEmpty(ClientSession session) {
        return session.greetings() > 1;
    }

    @Override
    String shown(CommandLine line) {
        return line.text();
    }

    private static boolean hasBlankOrControl(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) <= ' ' || Character.isISOControl(name.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private List<String> lines(ClientSession session) {
        List<String> lines = new ArrayList<>(List.of(configuration().getDomain()));
        if (esmtp) {
            lines.addAll(session.offered().lines());
        }
        return lines;
    }
}
