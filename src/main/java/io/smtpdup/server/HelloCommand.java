package io.smtpdup.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.Reply;

/** EHLO and HELO: the client says its name, and hears what we can do (RFC 5321 section 4.1.1.1). */
final class HelloCommand extends SmtpCommand {

    private static final int LONGEST_NAME = 255;

    private static final Reply NAME_MISSING = Reply.of(501, "5.5.4", "Say your domain name or address literal");

    private final boolean esmtp;

    HelloCommand(String verb, SmtpService service) {
        super(verb, service);
        this.esmtp = verb.equals("EHLO");
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (argument.isEmpty() || argument.length() > LONGEST_NAME
                || argument.chars().anyMatch(c -> c <= ' ' || Character.isISOControl(c))) {
            return NAME_MISSING;
        }
        session.greet(argument, esmtp);
        // The greeting's replies carry no enhanced status codes (RFC 2034 section 4).
        return new Reply(250, esmtp ? capabilities(session) : List.of(configuration().getDomain()));
    }

    private List<String> capabilities(ClientSession session) {
        List<String> lines = new ArrayList<>();
        lines.add(configuration().getDomain());
        lines.add("PIPELINING");
        lines.add("SIZE " + configuration().getMaxSize());
        if (service().offersTls() && !session.session().isTLSStarted()) {
            lines.add("STARTTLS");
        }
        lines.add("ENHANCEDSTATUSCODES");
        lines.add("8BITMIME");
        lines.add("SMTPUTF8");
        return lines;
    }
}
