package io.smtpdup.server;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

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
                || argument.chars().anyMatch(c -> c <= ' ' || Character.isISOControl(c))) {
            return NAME_MISSING;
        }
        session.greet(argument, esmtp);
        if (esmtp) {
            session.offer(Announcement.of(
                    configuration(), service().tls() != null && !session.session().isTLSStarted(),
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

    private List<String> lines(ClientSession session) {
        Stream<String> name = Stream.of(configuration().getDomain());
        return (esmtp ? Stream.concat(name, session.offered().lines().stream()) : name).toList();
    }
}
