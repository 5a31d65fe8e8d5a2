package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A name with two addresses: as long as one of them takes mail, the server is there. */
@Timeout(300)
class ServerWithTwoAddressesTest {

    private final ScriptedSmtpServer second = ScriptedSmtpServer.start();
    private final ScriptedSmtpServer first = ScriptedSmtpServer.startBeside(second, "127.0.0.2");
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:two.test:" + second.port() + "?timeout=1s";

    @BeforeEach
    void resolve() throws UnknownHostException {
        List<InetAddress> both = List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
        sender.camel().getComponent("smtp", DeliveryComponent.class).setHostResolver(host -> {
            if (!host.equals("two.test")) {
                throw new UnknownHostException(host);
            }
            return both;
        });
    }

    @AfterEach
    void close() {
        sender.close();
        first.close();
        second.close();
    }

    static Stream<Arguments> troubles() {
        return Stream.of(
                trouble("refuses connections", ScriptedSmtpServer::down),
                trouble("accepts and closes", server -> server.on("CONNECT").hangUp()),
                trouble("resets", server -> server.on("CONNECT").reset()),
                trouble("says nothing", server -> server.on("CONNECT").stall()),
                trouble("greets with 421", server -> server.on("CONNECT").replyAndHangUp("421 4.3.2 too busy")),
                trouble("greets with 450", server -> server.on("CONNECT").reply("450 4.3.2 too busy")),
                trouble("greets with 554", server -> server.on("CONNECT").reply("554 5.7.1 go away")),
                trouble("greets with two codes", server -> server.on("CONNECT").reply("220-welcome\r\n521 5.7.1 not you")),
                trouble("greets with nonsense", server -> server.on("CONNECT").reply("HTTP/1.1 400 Bad Request")),
                trouble("is busy at EHLO", server -> server.on("EHLO").reply("450 4.3.2 busy")),
                trouble("hangs up at EHLO", server -> server.on("EHLO").hangUp()),
                trouble("says nothing at EHLO", server -> server.on("EHLO").stall()),
                trouble("refuses EHLO and HELO", server -> {
                    server.on("EHLO").reply("502 what");
                    server.on("HELO").reply("550 5.7.1 not you");
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("troubles")
    void deliversToTheSecondAddressWhenTheFirst(String what, Consumer<ScriptedSmtpServer> trouble) {
        trouble.accept(first);

        sender.deliver(uri);

        assertThat(second.messages()).hasSize(1);
        first.awaitOpenConnections(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"offered", "required"})
    void prefersAnAddressWhereTlsWorks(String tls) {
        first.announcing("STARTTLS").on("STARTTLS").reply("454 4.7.0 not now");
        second.withStartTls(TestCertificates.localhost().serverContext());
        sender.camel().getRegistry().bind("trusting", new SSLContextParameters() {
            @Override
            public SSLContext createSSLContext(CamelContext camel) {
                return TestCertificates.localhost().trustingContext();
            }
        });

        sender.deliver(uri.replace("timeout=1s", "timeout=20s") + "&tls=" + tls
                + "&sslContextParameters=#trusting&mail.smtp.ssl.checkserveridentity=false");

        assertThat(second.messages().get(0).tls()).isTrue();
    }

    @Test
    void answers451AndNamesEachAddressWhenNoneLetsUsIn() {
        first.on("CONNECT").reply("421 4.3.2 too busy");
        second.down();

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(failure.getMessage()).contains("two.test:" + second.port())
                .contains("127.0.0.2: ").contains("421 4.3.2 too busy").contains("127.0.0.1: ").contains("refused");
    }

    @Test
    void goesToTheAddressThatWorksFromThenOn() {
        first.on("CONNECT").stall();
        sender.deliver(uri);
        second.dropIdleConnections();

        sender.deliver(uri);

        assertThat(first.connectionCount()).isEqualTo(1);
        assertThat(second.messages()).hasSize(2);
    }

    @Test
    void comesBackToAnAddressThatHasFailedWhenTheOtherOneFails() {
        first.on("CONNECT").once().hangUp();
        sender.deliver(uri);
        second.down();

        sender.deliver(uri);

        assertThat(first.messages()).hasSize(1);
    }

    @Test
    void offersALoginThatWasRefusedToNoOtherAddress() {
        first.withAuth("relay", "another");
        second.withAuth("relay", "s3cret");

        DeliveryException failure = sender.fail(uri + "&tls=off&username=relay&password=s3cret");

        assertThat(failure.getMessage()).contains("authentication failed");
        assertThat(second.connectionCount()).isZero();
    }

    @Test
    void sendsNoMailToTheSecondAddressThatTheFirstMayHave() {
        first.on("DOT").acceptAndHangUp();

        assertThat(sender.fail(uri).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(second.messages()).isEmpty();
    }

    @Test
    void answers451ForANameWithoutAnAddress() {
        assertThat(sender.fail("smtp:none.test:25").getMessage()).contains("none.test:25").contains("unknown host");
    }

    @Test
    void givesEachAddressItsShareOfTheTimeAndNoMoreThanFiveATry() throws UnknownHostException {
        List<InetAddress> many = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
            many.add(InetAddress.getByName("192.0.2." + i));
        }
        List<Duration> shares = new ArrayList<>();
        List<InetAddress> tried = new ArrayList<>();
        Addresses addresses = new Addresses("many.test", host -> many);
        Addresses.Attempt attempt = (address, within) -> {
            tried.add(address);
            shares.add(within);
            throw new SessionException("no", null, false, false);
        };

        assertThatThrownBy(() -> addresses.first(Duration.ofMinutes(5), attempt)).hasMessageContaining("192.0.2.5: no");
        assertThat(tried).isEqualTo(many.subList(0, 5));
        assertThat(shares.get(0)).isLessThanOrEqualTo(Duration.ofMinutes(1));
        assertThat(shares).allMatch(share -> share.compareTo(Duration.ofMinutes(5)) <= 0);

        tried.clear();
        assertThatThrownBy(() -> addresses.first(Duration.ofMinutes(5), attempt)).hasMessageContaining("192.0.2.9: no");
        assertThat(tried).startsWith(many.get(5), many.get(6), many.get(7), many.get(8));
    }

    private static Arguments trouble(String what, Consumer<ScriptedSmtpServer> how) {
        return arguments(what, how);
    }
}
