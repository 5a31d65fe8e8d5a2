package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(300)
class DeliveryInRoutesTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void takesItsOptionsFromAYamlRoute() throws Exception {
        addRoute("""
                - route:
                    id: primary
                    from:
                      uri: direct:in
                      steps:
                        - to:
                            uri: smtp:%s
                            parameters:
                              localName: relay.test
                              tls: "off"
                              timeout: 5s
                """.formatted(server.address()));

        sender.deliver("direct:in");

        assertThat(server.messages().get(0).helo()).isEqualTo("relay.test");
    }

    @Test
    void sharesThePoolOfAnEndpointBetweenRoutesAndEndsItWithTheLast() throws Exception {
        for (String name : new String[] {"one", "two"}) {
            addRoute("""
                    - route:
                        id: %s
                        from:
                          uri: direct:%s
                          steps:
                            - to: smtp:%s
                    """.formatted(name, name, server.address()));
        }
        sender.deliver("direct:one");
        sender.camel().getRouteController().stopRoute("one");

        sender.deliver("direct:two");

        assertThat(server.connectionCount()).isEqualTo(1);
        sender.camel().getRouteController().stopRoute("two");
        server.awaitOpenConnections(0);
    }

    @Test
    void startsAgainAfterAStop() throws Exception {
        addRoute("""
                - route:
                    id: one
                    from:
                      uri: direct:in
                      steps:
                        - to: smtp:%s
                """.formatted(server.address()));
        sender.deliver("direct:in");
        sender.camel().getRouteController().stopRoute("one");
        sender.camel().getRouteController().startRoute("one");

        sender.deliver("direct:in");

        assertThat(server.messages()).hasSize(2);
    }

    @Test
    void countsWhatBecomesOfMails() {
        MeterRegistry meters = new SimpleMeterRegistry();
        sender.camel().getRegistry().bind("meters", meters);
        server.on("DOT").once().reply("554 5.7.1 no");

        sender.fail("smtp:" + server.address());
        sender.deliver("smtp:" + server.address());

        assertThat(meters.get("smtpdup.delivery").tags("destination", server.address(), "outcome", "failed")
                .counter().count()).isEqualTo(1);
        assertThat(meters.get("smtpdup.delivery").tags("destination", server.address(), "outcome", "delivered")
                .counter().count()).isEqualTo(1);
    }

    @Test
    void composesNotificationsUnderTheSameTlsRules() {
        server.withStartTls(TestCertificates.of("elsewhere.test").serverContext()).withAuth("relay", "s3cret");

        var exchange = sender.send("smtp:" + server.address() + "?username=relay&password=s3cret&to=o@o.test", message ->
                message.setBody("queue is long"));

        assertThat(exchange.getException()).isNull();
        assertThat(server.messages().get(0).tls()).isTrue();
    }

    @Test
    void keepsContentAndCredentialsOutOfTheLog() {
        server.withAuth("relay", "s3cret");
        String uri = "smtp:" + server.address() + "?username=relay&password=s3cret&tls=off&mail.debug=true&mail.debug.auth=true"
                + "&to=o@o.test";
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
        try {
            sender.send(uri, message -> {
                EnvelopeHeaders.write(TestSender.envelope(), message);
                message.setBody(TestSender.octets("Subject: x\r\n\r\nour secret recipe\r\n"));
            });
            sender.send(uri.replace("&mail.debug=true&mail.debug.auth=true", ""), message -> message.setBody("our secret recipe"));
        } finally {
            root.setLevel(level);
            root.detachAppender(log);
        }

        assertThat(server.messages()).hasSize(2);
        assertThat(log.list).isNotEmpty().extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(line -> line.contains("recipe") || line.contains("s3cret"));
    }

    private void addRoute(String yaml) throws Exception {
        PluginHelper.getRoutesLoader(sender.camel()).loadRoutes(ResourceHelper.fromString("route.yaml", yaml));
    }
}
