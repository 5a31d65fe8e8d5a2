package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(server.commands()).noneMatch(line -> line.startsWith("AUTH"));
    }

    @Test
    void keepsCredentialsToItselfWhenTlsFails() {
        server.withStartTls(TestCertificates.localhost().serverContext());
        server.on("STARTTLS").reply("454 4.7.0 not now");

        assertThat(sender.fail(uri + "&password=s3cret").reply().toString()).startsWith("451 4.4.1");
        assertThat(server.commands()).noneMatch(line -> line.startsWith("AUTH"));
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
}
