package io.smtpdup.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a listener and one client say to each other, from the greeting, or what the client hears in its place, to the end of the line. */
final class Dialogue {

    private static final Reply TOO_SLOW = Reply.of(421, "4.4.2", "Timeout waiting for data from client.");

    private static final Reply BROKEN_OFF = Reply.of(421, "4.4.0", "Problem attempting to execute commands. Please try again later.");

    private static final Reply OWN_FAILURE = Reply.of(421, "4.3.0", "Mail system failure, closing transmission channel");

    private static final Logger LOG = LoggerFactory.getLogger(Dialogue.class);

    private final SmtpService service;
    private final CommandTable commands;
    private final ProxyHeader proxy;
    private final Reply greeting;

    /** @param proxy who says for whom it has connected; null where clients connect themselves */
    Dialogue(SmtpService service, ProxyHeader proxy) {
        this.service = service;
        this.commands = service.commands();
        this.proxy = proxy;
        // A greeting carries no enhanced status code.
        String protocol = service.configuration().isLmtp() ? "LMTP" : "ESMTP";
        this.greeting = new Reply(220, List.of(service.configuration().getDomain() + " " + protocol + " SMTP Duplicator"));
    }

    /** Does all of it, in this thread, and closes the socket. */
    void run(ClientSocket socket) {
        try {
            InetSocketAddress client = proxy == null ? socket.peer() : proxy.client(socket);
            ClientSession session = service.sessions().admit(socket, client);
            try {
                talk(session);
            } finally {
                service.sessions().end(session);
                hangUp(session.connection());
            }
        } catch (TurnedAwayException e) {
            sayLast(e.reply(), socket);
        } catch (RuntimeException e) {
            LOG.error("a client's session failed: {}", e.toString());
            LOG.debug("stack trace", e);
        } finally {
            hangUp(socket);
        }
    }

    private void talk(ClientSession session) {
        try {
            session.send(greeting);
            while (session.nextLine()) {
                commands.execute(session);
            }
        } catch (SocketTimeoutException e) {
            sayLast(TOO_SLOW, session.connection());
        } catch (SocketException e) {
            LOG.debug("a client has hung up", e);
        } catch (IOException e) {
            LOG.debug("a client's line is broken", e);
            sayLast(BROKEN_OFF, session.connection());
        } catch (RuntimeException | Error e) {
            sayLast(OWN_FAILURE, session.connection());
            throw e;
        }
    }

    private static void hangUp(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("a client has hung up", e);
        }
    }

    private static void sayLast(Reply reply, Socket connection) {
        try {
            connection.getOutputStream().write(reply.toWire().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("a client did not hear {}", reply, e);
        }
    }
}
