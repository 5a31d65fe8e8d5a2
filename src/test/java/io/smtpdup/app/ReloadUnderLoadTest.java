package io.smtpdup.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Twenty clients that never stop, while everything that a reload can change is changed under them. */
class ReloadUnderLoadTest {

    private static final int CLIENTS = 20;

    /** Mails over one connection; some clients make one for each mail, others stay for long. */
    private static final int[] MAILS_PER_CONNECTION = {1, 5, 1000};

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("smtp.max_connections", "100")
            .set("relay.retry_first", "1s");

    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);

    private final Set<String> accepted = ConcurrentHashMap.newKeySet();

    /** Those that began and ended while both backups were in the list. */
    private final Set<String> dueAtBoth = ConcurrentHashMap.newKeySet();

    private volatile boolean over;

    /** Odd while the list of backups may be changing, or lacks the second. */
    private volatile int epoch;

    @AfterEach
    void stop() {
        over = true;
        threads.shutdownNow();
        relay.close();
    }

    /** Sends mails until it is over. Any refused connection, lost reply or other answer than expected ends it with an exception. */
    private Void client(int number) throws IOException {
        for (int mail = 0; !over;) {
            try (Socket socket = new Socket("127.0.0.1", relay.relay().port())) {
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream out = socket.getOutputStream();
                if (code(in) == 421) {
                    continue;
                }
                if (say(out, in, "EHLO client.example") == 421) {
                    continue;
                }
                for (int i = 0; i < MAILS_PER_CONNECTION[number % MAILS_PER_CONNECTION.length] && !over; i++, mail++) {
                    int began = epoch;
                    String recipient = "r" + number + "." + mail + "@d.example";
                    int taken = say(out, in, "MAIL FROM:<a@b.example>");
                    if (taken == 421) { // between two mails; this one begins anew
                        break;
                    }
                    assertThat(taken).isEqualTo(250);
                    assertThat(say(out, in, "RCPT TO:<" + recipient + ">")).isEqualTo(250);
                    assertThat(say(out, in, "DATA")).isEqualTo(354);
                    assertThat(say(out, in, "Subject: load\r\n\r\nHello " + recipient + "\r\n.")).isEqualTo(250);
                    accepted.add(recipient);
                    if (began % 2 == 0 && began == epoch) {
                        dueAtBoth.add(recipient);
                    }
                }
            }
        }
        return null;
    }

    private static int say(OutputStream out, BufferedReader in, String line) throws IOException {
        try {
            out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            if (!line.startsWith("MAIL")) {
                throw e;
            }
        }
        return code(in);
    }

    private static int code(BufferedReader in) throws IOException {
        while (true) {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("the line was cut without a word");
            }
            if (line.length() < 4 || line.charAt(3) == ' ') {
                return Integer.parseInt(line.substring(0, 3));
            }
        }
    }

    private void reload() {
        int before = accepted.size();
        assertThat(relay.reload().problems()).isEmpty();
        await().until(() -> accepted.size() > before + CLIENTS);
    }

    @Test
    void refusesNobodyAndDeliversEachMailOnce() throws Exception {
        TestCertificates.Pem pem = TestCertificates.localhost().writePem(relay.directory());
        String both = relay.backup(1).address() + "," + relay.backup(2).address();
        relay.set("relay.destination_backups", both).start();
        List<Future<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            clients.add(threads.submit(() -> client(number)));
        }
        await().until(() -> accepted.size() > CLIENTS);

        relay.set("relay.backup_concurrency", "2");
        reload();
        epoch++;
        relay.set("relay.destination_backups", relay.backup(1).address());
        reload();
        relay.set("relay.destination_backups", both);
        reload();
        epoch++;
        relay.set("smtp.tls_certificate", pem.certificate().toString()).set("smtp.tls_key", pem.key().toString());
        reload();
        relay.edit("10-relay.camel.yaml", "description: Passes every mail", "description: Gives every mail");
        reload();
        relay.set("smtp.max_connections", "60").set("smtp.max_size", "1000000").set("relay.backup_rate", "100000");
        reload();
        epoch++;
        relay.set("relay.destination_backups", relay.backup(2).address() + "," + relay.backup(1).address() + "?concurrency=3");
        reload();
        epoch++;
        reload();
        over = true;
        for (Future<Void> client : clients) {
            client.get();
        }

        await().until(() -> relay.relay().endingGenerations() == 0);
        assertThat(recipients(relay.primary())).containsExactlyInAnyOrderElementsOf(accepted);
        await().untilAsserted(() -> assertThat(recipients(relay.backup(1))).containsExactlyInAnyOrderElementsOf(accepted));
        await().untilAsserted(() -> assertThat(recipients(relay.backup(2))).doesNotHaveDuplicates().containsAll(dueAtBoth));
        assertThat(dueAtBoth).hasSizeGreaterThan(CLIENTS);
        assertThat(accepted).containsAll(recipients(relay.backup(2)));
    }

    private static List<String> recipients(ScriptedSmtpServer server) {
        return server.messages().stream().flatMap(one -> one.recipients().stream()).toList();
    }
}
