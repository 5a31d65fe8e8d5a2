package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.smtpdup.net.TlsMode;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.component.mail.MailConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class EndpointOptionsTest {

    private final TestSender sender = new TestSender();

    @AfterEach
    void close() {
        sender.close();
    }

    @ParameterizedTest
    @CsvSource({
        "smtp:mail.example.com:2525, mail.example.com, 2525",
        "smtp://mail.example.com:2525, mail.example.com, 2525",
        "smtp:mail.example.com, mail.example.com, 25",
        "smtps:mail.example.com, mail.example.com, 465",
        "smtp:mail_backup1.example.com:25, mail_backup1.example.com, 25",
        "smtp:mail_backup1, mail_backup1, 25",
        "smtp:[::1]:2525, ::1, 2525",
        "smtp:[fe80::1], fe80::1, 25",
        "smtp:192.0.2.1:26, 192.0.2.1, 26"})
    void readsHostAndPort(String uri, String host, int port) {
        MailConfiguration configuration = endpoint(uri).getConfiguration();

        assertThat(configuration.getHost()).isEqualTo(host);
        assertThat(configuration.getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp:host:0", "smtp:host:70000", "smtp:host:abc", "smtp:host?timeout=-1", "smtp:host?timeout=soon",
        "smtp:host?contentTimeout=0", "smtp:host?dotTimeout=0", "smtp:host?commandTimeout=-5", "smtp:host?connectTimeout=25d",
        "smtp:host?maxConnections=0", "smtp:host?localName=a%20b", "smtps:host?tls=off", "smtp:host?tls=maybe",
        "smtp:host?noSuchOption=1", "smtp:host?discardEhlo=A:B", "smtp:host?tls=required&discardEhlo=STARTTLS",
        "smtp:host?callout=true&to=a@b.test"})
    void refusesWhatCannotBeMeant(String uri) {
        assertThatThrownBy(() -> endpoint(uri)).hasMessageContaining("smtp");
    }

    @Test
    void readsItsOwnOptionsAndThoseOfCamelMail() {
        DeliveryEndpoint endpoint = endpoint("smtp:host?tls=required&timeout=10s&maxIdle=1500&maxConnectionAge=5m"
                + "&maxConnections=7&maxMessagesPerConnection=9&maxWait=1m&localName=relay.test&notifyNever=true&username=u&password=p"
                + "&mail.smtp.auth.mechanisms=PLAIN");

        assertThat(endpoint.getTls()).isEqualTo(TlsMode.REQUIRED);
        assertThat(endpoint.getTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(endpoint.getMaxIdle()).isEqualTo(Duration.ofMillis(1500));
        assertThat(endpoint.getMaxConnectionAge()).isEqualTo(Duration.ofMinutes(5));
        assertThat(endpoint.getMaxConnections()).isEqualTo(7);
        assertThat(endpoint.getMaxMessagesPerConnection()).isEqualTo(9);
        assertThat(endpoint.getMaxWait()).isEqualTo(Duration.ofMinutes(1));
        assertThat(endpoint.getLocalName()).isEqualTo("relay.test");
        assertThat(endpoint.isNotifyNever()).isTrue();
        assertThat(endpoint.getConfiguration().getUsername()).isEqualTo("u");
        assertThat(endpoint.getConfiguration().getPassword()).isEqualTo("p");
        assertThat(endpoint.getConfiguration().getAdditionalJavaMailProperties())
                .containsEntry("mail.smtp.auth.mechanisms", "PLAIN");
    }

    @Test
    void hasDefaults() {
        DeliveryEndpoint endpoint = endpoint("smtp:host");

        assertThat(endpoint.getTls()).isEqualTo(TlsMode.OFFERED);
        assertThat(endpoint.isNotifyNever()).isFalse();
        assertThat(endpoint("smtps:host").getTls()).isEqualTo(TlsMode.IMPLICIT);
    }

    @Test
    void takesTlsFromCamelMailsOwnOption() {
        assertThat(endpoint("smtp:host?mail.smtp.starttls.required=true").getTls()).isEqualTo(TlsMode.REQUIRED);
    }

    @Test
    void triesEveryAddressOfAHost() {
        try (ScriptedSmtpServer server = ScriptedSmtpServer.start()) {
            sender.deliver("smtp:localhost:" + server.port());

            assertThat(server.messages()).hasSize(1);
        }
    }

    @Test
    void connectsOverIpv6() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            CompletableFuture<Void> visited = CompletableFuture.runAsync(() -> {
                try {
                    listener.accept().close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            sender.fail("smtp:[::1]:" + listener.getLocalPort());

            visited.join();
        }
    }

    private DeliveryEndpoint endpoint(String uri) {
        return sender.camel().getEndpoint(uri, DeliveryEndpoint.class);
    }
}
