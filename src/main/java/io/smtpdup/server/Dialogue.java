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

/**
 * What a listener and its clients say to each other, from the greeting, or what a client hears in its place, to the end of the line. A
 * client's thread keeps nothing of a dialogue while it waits: another one may go on.
 */
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

    /** Those it talks to. */
    SessionRegistry sessions() {
        return service.sessions();
    }

    /** It talks to the clients of that listener, from now on or as soon as the listener wants. */
    void servesAt(SharedListener listener) {
        service.sessions().callersOf(listener.callers());
    }

    /** Does all of it, in this thread, and closes the socket. */
    static void run(ClientSocket socket, SharedListener listener) {
        try {
            ClientSession session = admit(socket, listener);
            try {
                talk(session);
            } finally {
                session.attendance().end();
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

    private static ClientSession admit(ClientSocket socket, SharedListener listener) throws TurnedAwayException {
        ProxyHeader proxy = listener.current().proxy;
        InetSocketAddress client = proxy == null ? socket.peer() : proxy.client(socket);
        ClientSession session = null;
        while (session == null) { // who has just been replaced takes nobody
            Dialogue now = listener.current();
            session = now.service.sessions().admit(socket, client, own -> new Attendance(listener, own, now));
        }
        return session;
    }

    private static void talk(ClientSession session) {
        try {
            session.send(session.attendance().current().greeting);
            session.attendance().rest();
            while (session.nextLine() && answer(session)) {
                session.attendance().rest();
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

    /** Returns false when the client was sent away. */
    private static boolean answer(ClientSession session) throws IOException {
        Dialogue now = session.attendance().begin();
        if (now != null) {
            now.commands.execute(session);
        }
        return now != null;
    }

    static void hangUp(Socket connection) {
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
