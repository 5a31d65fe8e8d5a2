package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;
import io.smtpdup.testkit.SmtpDialogue;
import org.subethamail.smtp.MessageContext;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

/** An SMTP server that a test may talk to without knowing whether it is ours or SubEtha's own. */
interface Front extends AutoCloseable {

    /** What arrived. */
    record Mail(String reversePath, List<String> recipients, String text) {
    }

    /** What becomes of the mails that arrive. */
    enum Fate {
        ACCEPTED,
        /** Refused before a word of the message was read, where the server lets its handler do so. */
        REFUSED_UNREAD,
        REFUSED,
        CRASH
    }

    int port();

    List<Mail> arrived();

    void fate(Fate fate);

    /** Runs while a mail is worked on, before its reply. */
    void whileRouting(Runnable work);

    void stop();

    @Override
    default void close() {
        stop();
    }

    /** A client that has connected and heard the greeting. */
    default SmtpDialogue client() {
        SmtpDialogue client = SmtpDialogue.connect(port());
        client.expect("220");
        return client;
    }

    /** A client that has said EHLO. */
    default SmtpDialogue greetedClient() {
        SmtpDialogue client = client();
        client.say("EHLO client.example", "250");
        return client;
    }

    /** A client that has said MAIL and RCPT. */
    default SmtpDialogue clientWithEnvelope() {
        SmtpDialogue client = greetedClient();
        client.say("MAIL FROM:<a@b.example>", "250");
        client.say("RCPT TO:<c@d.example>", "250");
        return client;
    }

    /** The smtp-server component, with options of its endpoint. */
    static Front ours(String options) {
        return new Ours(options);
    }

    /** SubEtha as it comes, but for what the test sets. */
    static Front stock(UnaryOperator<SMTPServer.Builder> settings) {
        return new Stock(settings);
    }

    /** Ours. */
    final class Ours implements Front {

        /** A refusal as a destination would have it. */
        private static final class Refusal extends Exception implements ReplyingException {

            private static final long serialVersionUID = 1L;

            @Override
            public Reply reply() {
                return Reply.of(554, "5.7.0", "Refused");
            }
        }

        private final Listener listener;

        Ours(String options) {
            listener = Listener.with(options);
        }

        @Override
        public int port() {
            return listener.port();
        }

        @Override
        public List<Mail> arrived() {
            return listener.arrived().stream()
                    .map(mail -> new Mail(mail.reversePath(), mail.recipients(), mail.text()))
                    .toList();
        }

        @Override
        public void fate(Fate fate) {
            listener.then(exchange -> {
                if (fate == Fate.CRASH) {
                    throw new IllegalStateException("a handler crashed");
                }
                if (fate != Fate.ACCEPTED) {
                    throw new Refusal();
                }
            });
        }

        @Override
        public void whileRouting(Runnable work) {
            listener.then(exchange -> work.run());
        }

        @Override
        public void stop() {
            listener.close();
        }
    }

    /** SubEtha's. */
    final class Stock implements Front {

        private final List<Mail> arrived = new CopyOnWriteArrayList<>();

        private final SMTPServer server;

        private volatile Fate fate = Fate.ACCEPTED;

        private volatile Runnable work = () -> {
        };

        Stock(UnaryOperator<SMTPServer.Builder> settings) {
            server = settings.apply(SMTPServer.port(0).hostName("localhost").messageHandlerFactory(Handler::new)).build();
            server.start();
        }

        private final class Handler implements MessageHandler {

            private final List<String> recipients = new CopyOnWriteArrayList<>();

            private String reversePath;

            Handler(MessageContext context) {
            }

            @Override
            public void from(String from) {
                reversePath = from;
            }

            @Override
            public void recipient(String recipient) {
                recipients.add(recipient);
            }

            @Override
            public String data(InputStream data) throws RejectException, IOException {
                if (fate == Fate.REFUSED_UNREAD) {
                    throw new RejectException(554, "5.7.0 Refused");
                }
                String text = new String(data.readAllBytes(), StandardCharsets.ISO_8859_1);
                arrived.add(new Mail(reversePath, List.copyOf(recipients), text));
                work.run();
                if (fate == Fate.REFUSED) {
                    throw new RejectException(554, "5.7.0 Refused");
                }
                if (fate == Fate.CRASH) {
                    throw new IllegalStateException("a handler crashed");
                }
                return "2.0.0 Ok";
            }

            @Override
            public void done() {
            }
        }

        @Override
        public int port() {
            return server.getPortAllocated();
        }

        @Override
        public List<Mail> arrived() {
            return arrived;
        }

        @Override
        public void fate(Fate fate) {
            this.fate = fate;
        }

        @Override
        public void whileRouting(Runnable work) {
            this.work = work;
        }

        @Override
        public void stop() {
            server.stop();
        }
    }
}
