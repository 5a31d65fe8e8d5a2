package io.smtpdup.delivery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Reply;
import io.smtpdup.message.Xtext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one server, over one connection, whom the next mail comes from. With XFORWARD before each mail, in one flight with
 * MAIL; a refusal costs the mail nothing. With XCLIENT when the client is another than the one before, and then EHLO in the
 * client's name: what the server says then is its verdict about the client, and the mail's.
 */
final class Introduction {

    /** RFC 5321 section 4.5.3.1.4, without CRLF. */
    private static final int LONGEST_COMMAND = 510;

    private static final String UNKNOWN = "[UNAVAILABLE]";

    private static final String HELO_NAME = "[\\x21-\\x7e]{1,255}";

    private static final Logger LOG = LoggerFactory.getLogger(Introduction.class);

    private final Connection server;
    private final Failures failures;
    private final IdentityCommand command;
    private ClientIdentity standsFor;
    private boolean refused;

    Introduction(Connection server, Failures failures, IdentityCommand command) {
        this.server = server;
        this.failures = failures;
        this.command = command;
    }

    /**
     * Has the connection speak for the client of the next mail, if it shall. {@link #forwardLines} is next.
     *
     * @param client null when nobody knows
     * @throws BeginAnewException when this connection stands for another client and cannot change that
     * @throws DeliveryException when the server will have nothing from that client, or is gone; the connection is broken
     */
    void speakFor(ClientIdentity client) throws DeliveryException {
        boolean inItsPlace = isInItsPlace();
        if (standsFor != null && (client == null || !inItsPlace)) {
            server.abandon();
            throw new BeginAnewException(Why.LEFT, Step.XCLIENT, failures.unclear(Step.XCLIENT, "it speaks for another client"));
        }
        if (client != null && inItsPlace && (standsFor == null || !isSame(client, standsFor))) {
            beginAnewAs(client);
        }
    }

    /**
     * What tells the server of the client of the next mail for its log, if it shall be told: commands in front of MAIL. A
     * server that refused one is told no more, because it counts what it refuses.
     *
     * @param client null when nobody knows
     */
    List<String> forwardLines(ClientIdentity client) {
        return client == null || command == IdentityCommand.OFF || refused || isInItsPlace()
                ? List.of() : lines("XFORWARD", client, true);
    }

    private boolean isInItsPlace() {
        return command == IdentityCommand.XCLIENT && offered("XCLIENT").contains("ADDR") && !server.hasLogin();
    }

    /** The attributes that the server takes with that verb. */
    private List<String> offered(String verb) {
        return Arrays.asList(server.extensions().keywords().getOrDefault(verb, "").toUpperCase(Locale.ROOT).split(" +"));
    }

    /** Hears a reply to XFORWARD. It is for the log: a mail travels without it as well. */
    void judgeForward(Reply reply) throws DeliveryException {
        if (server.isBroken()) {
            throw failures.refused(Step.XFORWARD, reply);
        }
        if (!reply.isPositive() && !refused) {
            refused = true;
            LOG.info("{} announces XFORWARD and answers it with {}", failures.destination(), reply);
        }
    }

    private void beginAnewAs(ClientIdentity client) throws DeliveryException {
        try {
            judge(Step.XCLIENT, server.command(Step.XCLIENT, lines("XCLIENT", client, false).get(0)));
            boolean named = client.helo() != null && client.helo().matches(HELO_NAME);
            judge(Step.EHLO, server.greetAs(named ? client.helo() : null));
            standsFor = client;
        } catch (DeliveryException e) {
            server.abandon();
            throw e;
        }
    }

    /** A refusal of the client is the mail's; one of the command is about us, and no mail shall bounce for it. */
    private void judge(Step step, Reply reply) throws DeliveryException {
        if (reply.isPositive()) {
            return;
        }
        boolean aboutUs = reply.code() < 400 || reply.code() >= 500 && reply.code() < 550
                || reply.enhancedCode().filter("5.7.0"::equals).isPresent();
        throw aboutUs ? failures.notTrusted(step, reply) : failures.refused(step, reply);
    }

    /** The port is a new one at every connection, and nobody judges it. */
    private static boolean isSame(ClientIdentity one, ClientIdentity other) {
        return attributes(one, false).equals(attributes(other, false));
    }

    private List<String> lines(String verb, ClientIdentity client, boolean withPort) {
        List<String> offered = offered(verb);
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(verb);
        for (String attribute : attributes(client, withPort)) {
            if (!offered.contains(attribute.substring(0, attribute.indexOf('=')))) {
                continue;
            }
            if (line.length() + 1 + attribute.length() > LONGEST_COMMAND) {
                lines.add(line.toString());
                line = new StringBuilder(verb);
            }
            line.append(' ').append(attribute);
        }
        if (line.length() > verb.length()) {
            lines.add(line.toString());
        }
        return lines;
    }

    private static List<String> attributes(ClientIdentity client, boolean withPort) {
        List<String> attributes = new ArrayList<>();
        attributes.add(attribute("NAME", client.name()));
        attributes.add(attribute("ADDR", literal(client.address().getAddress())));
        if (withPort) {
            attributes.add(attribute("PORT", client.address().getPort() == 0 ? null : "" + client.address().getPort()));
        }
        attributes.add(attribute("PROTO", client.protocol()));
        attributes.add(attribute("HELO", client.helo()));
        return attributes;
    }

    private static String attribute(String name, String value) {
        String text = value == null ? UNKNOWN : Xtext.encode(value);
        return name + "=" + (text.length() > LONGEST_COMMAND / 2 ? UNKNOWN : text);
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress().replaceFirst("%.*", "");
        return address instanceof Inet6Address ? "IPV6:" + text : text;
    }
}
