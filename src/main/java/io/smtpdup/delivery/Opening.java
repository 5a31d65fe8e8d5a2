package io.smtpdup.delivery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

import io.smtpdup.message.Extensions;
import io.smtpdup.message.Reply;
import io.smtpdup.net.TlsMode;
import jakarta.mail.PasswordAuthentication;

/** The beginning of a connection: connecting, greeting, EHLO, TLS, login. A server that does not come through it takes no mail now. */
final class Opening {

    private final Wire wire;
    private final MailServer destination;
    private final Duration limit;
    private final boolean mayStartTls;
    private final PasswordAuthentication login;
    private Extensions extensions;
    private String name = "";
    private boolean startingTls;

    /** @param mayStartTls false to stay in clear text although STARTTLS is offered */
    Opening(Wire wire, MailServer destination, boolean mayStartTls) {
        this.wire = wire;
        this.destination = destination;
        this.limit = destination.limits().command();
        this.mayStartTls = destination.tls() == TlsMode.REQUIRED || mayStartTls && destination.tls() == TlsMode.OFFERED;
        this.login = destination.credentials().get();
    }

    /**
     * Does all of it.
     *
     * @param within what all of it together may take
     * @return what the server announces; null when it did not know EHLO and took HELO
     */
    Extensions run(InetAddress address, Duration within) throws SessionException {
        wire.bound(within);
        try {
            wire.connect(new InetSocketAddress(address, destination.port()), destination.limits().connect());
            if (destination.tls() == TlsMode.IMPLICIT) {
                wire.secure(destination, destination.limits().connect());
            }
            Reply greeting = wire.hear(limit);
            if (greeting.code() != 220) {
                throw failed("it greets with " + greeting);
            }
            name = greeting.lines().get(0);
            identify();
            if (mayStartTls) {
                startTls();
            }
            if (login.getUserName() != null) {
                logIn();
            }
            return extensions;
        } catch (IOException e) {
            throw new SessionException(Failures.explain(e), e, startingTls, false);
        } finally {
            wire.unbound();
        }
    }

    /** What the server called itself: its greeting, and the name in its answer to EHLO where that is another. */
    String name() {
        return name;
    }

    private void learnName(Reply ehlo) {
        String[] words = ehlo.lines().get(0).strip().split(" ", 2);
        if (!name.contains(words[0])) {
            name = (name + " " + words[0]).strip();
        }
    }

    /** RFC 5321 section 3.2: HELO is for a server that does not know EHLO. One that is busy, or leaves, is asked again later. */
    private void identify() throws IOException, SessionException {
        Reply reply = ask("EHLO " + destination.localName());
        if (reply.code() == 250) {
            extensions = announced(destination, reply);
            learnName(reply);
            return;
        }
        if (!reply.isPermanentNegative()) {
            throw failed("it is not ready at EHLO: " + reply);
        }
        if (wire.isSecure() && mayStartTls) {
            throw failed("it refused EHLO after STARTTLS: " + reply);
        }
        Reply second = ask("HELO " + destination.localName());
        if (second.code() != 250) {
            throw failed("it refused EHLO and HELO: " + second);
        }
    }

    /** What it announces in its reply to EHLO, but for what is discarded. */
    static Extensions announced(MailServer destination, Reply ehlo) {
        return Extensions.of(ehlo).without(destination.discarded());
    }

    private void startTls() throws IOException, SessionException {
        if (extensions == null || !extensions.has("STARTTLS")) {
            if (destination.tls() == TlsMode.REQUIRED) {
                throw failed("TLS is required, and it offers no STARTTLS");
            }
            return;
        }
        startingTls = true;
        Reply reply = ask("STARTTLS");
        if (reply.code() != 220) {
            throw failed("it offers STARTTLS and says " + reply);
        }
        wire.secure(destination, destination.limits().connect());
        startingTls = false;
        identify(); // what it announced in clear text counts for nothing
    }

    private void logIn() throws SessionException {
        if (!wire.isSecure() && destination.tls() != TlsMode.OFF) {
            throw failed("it offers no TLS, and credentials go in clear text only with tls=off");
        }
        if (extensions == null || !extensions.has("AUTH")) {
            throw failed("a user name is configured, but it offers no AUTH");
        }
        new Login(wire, destination, login).run(extensions.keywords().get("AUTH"));
    }

    private Reply ask(String command) throws IOException {
        wire.say(command, limit);
        return wire.hear(limit);
    }

    private SessionException failed(String why) {
        return new SessionException(why, null, startingTls, false);
    }
}
