package io.smtpdup.postfix;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole installation on loopback: Postfix, the relay behind it, a primary and two backups, and a server that stands
 * for the rest of the world, which has the senders' mailboxes at sender.test and others at other.test.
 */
final class Site implements AutoCloseable {

    final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    final ScriptedSmtpServer backupA = ScriptedSmtpServer.start();

    final ScriptedSmtpServer backupB = ScriptedSmtpServer.start();

    final ScriptedSmtpServer world = ScriptedSmtpServer.start();

    RelayProcess relay;

    PostfixInstance postfix;

    /** The relay's primary when that is a Postfix; null when it is scripted. */
    PostfixInstance mailServer;

    private Site() {
    }

    /** Mail for example.com goes through the relay to the primary. */
    static Site byDomain(Path relayDirectory) throws IOException {
        Site site = new Site();
        return site.opened(() -> {
            site.launchRelay(relayDirectory, site.primary.address());
            site.startPostfix(PostfixConfiguration.byDomain(site.relay.port()));
        });
    }

    /**
     * Mail for example.com goes through the relay to another Postfix; what here is called primary has the mailboxes behind
     * it.
     *
     * @param properties the relay's, besides the usual
     */
    static Site toPostfix(Path relayDirectory, PostfixConfiguration mailServer, Map<String, String> properties)
            throws IOException {
        Site site = new Site();
        return site.opened(() -> {
            site.mailServer = PostfixInstance.start(mailServer.route("example.com", site.primary.port()));
            site.launchRelay(relayDirectory, "127.0.0.1:" + site.mailServer.port(), properties);
            site.startPostfix(PostfixConfiguration.byDomain(site.relay.port()));
        });
    }

    /** As {@link #byDomain}, and Postfix speaks LMTP with the relay. */
    static Site overLmtp(Path relayDirectory) throws IOException {
        Site site = new Site();
        return site.opened(() -> {
            site.launchRelay(relayDirectory, site.primary.address(), Map.of("smtp.protocol", "lmtp"));
            site.startPostfix(PostfixConfiguration.overLmtp(site.relay.port()));
        });
    }

    /** All mail but that for sender.test and other.test goes through the relay to the primary. */
    static Site wholeServer(Path relayDirectory) throws IOException {
        Site site = new Site();
        return site.opened(() -> {
            site.launchRelay(relayDirectory, site.primary.address());
            site.startPostfix(PostfixConfiguration.wholeServer(site.relay.port()));
        });
    }

    /** Postfix is the relay's primary; what here is called so has the mailboxes behind it. */
    static Site beforePrimary(Path relayDirectory) throws IOException {
        Site site = new Site();
        return site.opened(() -> {
            int returnPort = FreePort.find();
            site.launchRelay(relayDirectory, "127.0.0.1:" + returnPort);
            site.startPostfix(PostfixConfiguration.beforePrimary(site.relay.port(), returnPort)
                    .with("virtual_alias_maps", "inline:{team@example.com=bob@example.com}")
                    .route("example.com", site.primary.port()));
        });
    }

    /** Hands a message to Postfix, as a client that declares 8BITMIME does. */
    void send(String sender, List<String> recipients, byte[] message) {
        send(postfix, sender, recipients, message);
    }

    static void send(PostfixInstance postfix, String sender, List<String> recipients, byte[] message) {
        try (SmtpDialogue client = SmtpDialogue.connect(postfix.port())) {
            client.expect("220");
            client.say("EHLO client.test", "250");
            transact(client, sender, recipients, message);
            client.say("QUIT", "221");
        }
    }

    static void transact(SmtpDialogue client, String sender, List<String> recipients, byte[] message) {
        client.say("MAIL FROM:<" + sender + "> BODY=8BITMIME", "250");
        for (String recipient : recipients) {
            client.say("RCPT TO:<" + recipient + ">", "250");
        }
        client.data(message);
        client.expect("250");
    }

    /** A message with a subject and nothing else of interest. */
    static byte[] message(String subject) {
        return ("""
                From: alice@sender.test
                To: bob@example.com
                Subject: %s
                Date: Mon, 02 Mar 2026 10:00:00 +0100
                Message-ID: <%s@sender.test>

                Hello Bob
                """
                        .formatted(subject, subject.replace(' ', '.')))
                .replace("\n", "\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static String subject(ReceivedMessage message) {
        return message.text().replaceFirst("(?s).*?\r\nSubject: ([^\r]*)\r\n.*", "$1");
    }

    /** What both sides said, for a test that failed. */
    String report() {
        return "The relay printed:\n" + relay.output() + "\nPostfix logged:\n" + postfix.log()
                + (mailServer == null ? "" : "\nThe primary logged:\n" + mailServer.log());
    }

    /** Closes Postfix, the relay, the Postfix behind it, and the servers, in this order. */
    @Override
    @SuppressWarnings("try")
    public void close() throws IOException {
        try (primary;
                backupA;
                backupB;
                world;
                PostfixInstance second = mailServer;
                RelayProcess stopping = relay;
                PostfixInstance first = postfix) {
            // all of them even when one fails to close
        }
    }

    @FunctionalInterface
    private interface Opening {
        void run() throws IOException;
    }

    private Site opened(Opening opening) throws IOException {
        try {
            opening.run();
            return this;
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void launchRelay(Path directory, String destination) throws IOException {
        launchRelay(directory, destination, Map.of());
    }

    private void launchRelay(Path directory, String destination, Map<String, String> more) throws IOException {
        Map<String, String> properties = new HashMap<>(Map.of(
                "smtp.domain", "relay.test",
                "relay.destination_primary", destination,
                "relay.destination_backups", backupA.address() + "," + backupB.address(),
                "relay.timeout_seconds", "10"));
        properties.putAll(more);
        relay = RelayProcess.launch(directory, properties);
    }

    private void startPostfix(PostfixConfiguration configuration) throws IOException {
        postfix = PostfixInstance.start(
                configuration.route("sender.test", world.port()).route("other.test", world.port()));
        // Last, because both take their seconds to start.
        relay.awaitGreeting();
    }
}
