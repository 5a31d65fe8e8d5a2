package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;

import io.smtpdup.message.BareNewline;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in an endpoint's URI is what the server does. */
class EndpointOptionsTest {

    private static SmtpServerConfiguration configurationOf(String uri) throws Exception {
        try (CamelContext context = new DefaultCamelContext()) {
            return context.getEndpoint(uri, SmtpServerEndpoint.class).getConfiguration();
        }
    }

    @Test
    void takesEveryOptionFromTheUri() throws Exception {
        SmtpServerConfiguration configuration = configurationOf("smtp-server:127.0.0.1:2525?clients=10.0.0.0/8"
                + "&domain=relay.example&maxSize=1&maxRecipients=2&maxConnections=3&maxConnectionsPerClient=4&commandTimeout=1s"
                + "&dataTimeout=2m&drainTimeout=1500&hopLimit=5&bareNewline=normalize");

        assertThat(configuration).usingRecursiveComparison().ignoringFields("sslContextParameters").isEqualTo(expected());
    }

    private static SmtpServerConfiguration expected() {
        SmtpServerConfiguration expected = new SmtpServerConfiguration();
        expected.setHost("127.0.0.1");
        expected.setPort(2525);
        expected.setClients("10.0.0.0/8");
        expected.setDomain("relay.example");
        expected.setMaxSize(1);
        expected.setMaxRecipients(2);
        expected.setMaxConnections(3);
        expected.setMaxConnectionsPerClient(4);
        expected.setCommandTimeout(Duration.ofSeconds(1).toMillis());
        expected.setDataTimeout(Duration.ofMinutes(2).toMillis());
        expected.setDrainTimeout(Duration.ofMillis(1500).toMillis());
        expected.setHopLimit(5);
        expected.setBareNewline(BareNewline.NORMALIZE);
        return expected;
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:25, 127.0.0.1", "[::1]:25, ::1", "localhost:25, localhost", ":25, ''"})
    void takesAnyAddressToListenOn(String address, String host) throws Exception {
        assertThat(configurationOf("smtp-server:" + address).getHost()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1:25", "127.0.0.1:", "127.0.0.1:smtp", "127.0.0.1:25?maxSizes=1"})
    void refusesAnEndpointItDoesNotUnderstand(String address) {
        assertThatThrownBy(() -> configurationOf("smtp-server:" + address)).isInstanceOf(Exception.class);
    }

    @Test
    void endpointsOfOneComponentDoNotShareOptions() throws Exception {
        try (CamelContext context = new DefaultCamelContext()) {
            context.getEndpoint("smtp-server:127.0.0.1:1?maxSize=1");

            assertThat(context.getEndpoint("smtp-server:127.0.0.1:2", SmtpServerEndpoint.class).getConfiguration().getMaxSize())
                    .isEqualTo(52_428_800);
        }
    }

    @Test
    void isNoProducer() throws Exception {
        try (CamelContext context = new DefaultCamelContext()) {
            assertThatThrownBy(() -> context.getEndpoint("smtp-server:127.0.0.1:1").createProducer())
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void listensOnIpv6() {
        try (Listener listener = Listener.on("[::1]:0")) {
            assertThat(listener.port()).isPositive();
        }
    }

    @Test
    void saysWhichAddressItCannotListenOn() {
        try (Listener first = Listener.plain()) {
            assertThatThrownBy(() -> Listener.on("127.0.0.1:" + first.port()))
                    .hasStackTraceContaining("cannot listen on 127.0.0.1:" + first.port());

            try (SmtpDialogue client = first.client()) {
                client.say("NOOP", "250");
            }
        }
    }

    @Test
    void refusesToStartWithClientsThatAreNoNetworks() {
        assertThatThrownBy(() -> Listener.with("clients=nonsense")).isInstanceOf(IllegalStateException.class);
    }
}
