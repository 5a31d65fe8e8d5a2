package io.smtpdup.testkit;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** How a {@link ScriptedSmtpServer} behaves: what it announces and asks for, and the rules that break its manners. */
final class ServerScript {

    /** What to do once so many octets of a message have been read. */
    record DataLimit(long octets, boolean hangUp) {}

    final List<ScriptRule> rules = new CopyOnWriteArrayList<>();

    volatile List<String> extensions =
            List.of("PIPELINING", "SIZE 60000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES");

    volatile SSLContext startTls;

    volatile SSLContext implicitTls;

    volatile AuthExchange auth;

    volatile DataLimit dataLimit;

    volatile boolean oneCommandAtATime;

    Optional<ScriptRule> ruleFor(String verb, String line) {
        return rules.stream().filter(rule -> rule.takes(verb, line)).findFirst();
    }
}
