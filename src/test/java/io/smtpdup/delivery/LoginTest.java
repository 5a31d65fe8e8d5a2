package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslServer;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class LoginTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start().withAuth("relay", "s3cret");
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?timeout=5s&username=relay";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void logsInOverTls() {
        server.withStartTls(TestCertificates.localhost().serverContext());

        sender.deliver(uri + "&password=s3cret");

        assertThat(server.messages().get(0).authUser()).isEqualTo("relay");
        assertThat(server.messages().get(0).tls()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void logsInInClearTextOnlyWhenTlsIsOff(String mechanism) {
        sender.deliver(uri + "&password=s3cret&tls=off&mail.smtp.auth.mechanisms=" + mechanism);

        assertThat(server.messages().get(0).authUser()).isEqualTo("relay");
    }

    @Test
    void keepsCredentialsToItselfWhenNoTlsIsOffered() {
        DeliveryException failure = sender.fail(uri + "&password=s3cret");

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.getMessage()).contains("tls=off");
        assertThat(server.commands()).noneMatch(line -> line != null && line.startsWith("AUTH"));
    }

    @Test
    void keepsCredentialsToItselfWhenTlsFails() {
        server.withStartTls(TestCertificates.localhost().serverContext());
        server.on("STARTTLS").reply("454 4.7.0 not now");

        assertThat(sender.fail(uri + "&password=s3cret").reply().toString()).startsWith("451 4.4.1");
        assertThat(server.commands()).noneMatch(line -> line != null && line.startsWith("AUTH"));
    }

    @Test
    void keepsCredentialsToItselfWhenTheServerKnowsOnlyHelo() {
        server.on("EHLO").reply("502 what");

        assertThat(sender.fail(uri + "&password=s3cret").reply().toString()).startsWith("451 4.4.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"535 5.7.8 wrong: s3cret", "454 4.7.0 later", "garbage s3cret", "250 what"})
    void answers451AndLogsNoSecretWhenTheLoginFails(String reply) {
        server.on("AUTH").reply(reply);

        DeliveryException failure = sender.fail(uri + "&password=s3cret&tls=off");

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(failure.getMessage()).contains("authentication failed");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            assertThat(String.valueOf(cause.getMessage())).doesNotContain("s3cret");
        }
        server.awaitOpenConnections(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stall", "hang up"})
    void answers451WhenTheServerFailsDuringTheLogin(String how) {
        if ("stall".equals(how)) {
            server.on("AUTH").stall();
        } else {
            server.on("AUTH").hangUp();
        }

        assertThat(sender.fail(uri.replace("5s", "500") + "&password=s3cret&tls=off").reply().toString())
                .startsWith("451 4.4.1");
        server.awaitOpenConnections(0);
    }

    @Test
    void answers451WhenTheServerHasNoLogin() {
        try (ScriptedSmtpServer open = ScriptedSmtpServer.start()) {
            DeliveryException failure = sender.fail("smtp:" + open.address() + "?username=u&password=p&tls=off");

            assertThat(failure.reply().toString()).startsWith("451 4.4.1");
            assertThat(open.commands()).noneMatch(line -> line.startsWith("MAIL"));
        }
    }

    /** Its server proves that it knows the password, too. */
    @ParameterizedTest
    @ValueSource(strings = {"s3cret", "another"})
    void logsInWithDigestMd5(String known) throws Exception {
        SaslServer sasl = Sasl.createSaslServer("DIGEST-MD5", "smtp", "127.0.0.1", Map.of("com.sun.security.sasl.digest.realm", "r"), callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback name) {
                    name.setName(name.getDefaultName());
                } else if (callback instanceof PasswordCallback password) {
                    password.setPassword(known.toCharArray());
                } else if (callback instanceof RealmCallback realm) {
                    realm.setText(realm.getDefaultText());
                } else if (callback instanceof AuthorizeCallback authorize) {
                    authorize.setAuthorized(true);
                }
            }
        });
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<List<String>> dialogue = CompletableFuture.supplyAsync(() -> converse(listener, "DIGEST-MD5", sasl::evaluateResponse));

            sender.send("smtp:127.0.0.1:" + listener.getLocalPort() + "?timeout=5s&tls=off&username=relay&password=s3cret",
                    TestSender.envelope(), TestSender.MESSAGE);

            assertThat(dialogue.join()).element(1).isEqualTo("AUTH DIGEST-MD5");
            assertThat(dialogue.join().stream().anyMatch(line -> line.startsWith("MAIL"))).isEqualTo(known.equals("s3cret"));
        }
    }

    @Test
    void offersATokenOnlyWhenThatIsWanted() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<List<String>> dialogue = CompletableFuture.supplyAsync(() -> converse(listener, "XOAUTH2", response -> null));

            sender.send("smtp:127.0.0.1:" + listener.getLocalPort()
                    + "?timeout=5s&tls=off&username=relay&password=t0ken&mail.smtp.auth.mechanisms=XOAUTH2", TestSender.envelope(), TestSender.MESSAGE);

            assertThat(dialogue.join()).element(1).isEqualTo("AUTH XOAUTH2 " + Base64.getEncoder().encodeToString(
                    TestSender.octets("user=relay\1auth=Bearer t0ken\1\1")));
        }
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<List<String>> dialogue = CompletableFuture.supplyAsync(() -> converse(listener, "XOAUTH2", response -> null));

            sender.fail("smtp:127.0.0.1:" + listener.getLocalPort() + "?timeout=5s&tls=off&username=relay&password=t0ken");

            assertThat(dialogue.join()).noneMatch(line -> line != null && line.startsWith("AUTH"));
        }
    }

    private interface Judge {

        byte[] challenge(byte[] response) throws IOException;
    }

    /** Greets, lets one client log in, and hears what it says then, up to MAIL. */
    private static List<String> converse(ServerSocket listener, String mechanism, Judge judge) {
        List<String> heard = new ArrayList<>();
        try (Socket client = listener.accept(); BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()))) {
            say(client, "220 hello");
            heard.add(in.readLine());
            say(client, "250-hello\r\n250 AUTH " + mechanism);
            heard.add(in.readLine());
            String[] words = heard.get(1).split(" ");
            byte[] challenge = judge.challenge(Base64.getDecoder().decode(words.length > 2 ? words[2] : ""));
            while (challenge != null) {
                say(client, "334 " + Base64.getEncoder().encodeToString(challenge));
                String answer = in.readLine();
                challenge = answer.isEmpty() ? null : judge.challenge(Base64.getDecoder().decode(answer));
            }
            say(client, "235 welcome");
            heard.add(in.readLine());
        } catch (IOException | NullPointerException e) {
            heard.add("(left)");
        }
        return heard;
    }

    private static void say(Socket client, String line) throws IOException {
        client.getOutputStream().write(TestSender.octets(line + "\r\n"));
    }
}
