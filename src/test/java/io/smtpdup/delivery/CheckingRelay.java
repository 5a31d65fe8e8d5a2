package io.smtpdup.delivery;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.server.SmtpServerConsumer;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** An smtp-server whose recipients the next server checks, and a route that sends to that server and makes one copy. */
final class CheckingRelay implements AutoCloseable {

    private final CamelContext camel = new DefaultCamelContext();

    private final List<List<String>> copies = new CopyOnWriteArrayList<>();

    /** @param options of the step that sends */
    CheckingRelay(String primary, String options) {
        this(primary, options, exchange -> { });
    }

    /** @param before what the route does with the mail before it is sent */
    CheckingRelay(String primary, String options, Processor before) {
        this("", primary, options, before);
    }

    /** @param ours options of the smtp-server, each with a & behind it */
    CheckingRelay(String ours, String primary, String options, Processor before) {
        camel.getRegistry().bind("smtp", new DeliveryComponent());
        try {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    errorHandler(noErrorHandler());
                    from("smtp-server:127.0.0.1:0?" + ours + "recipientCheck=" + primary).routeId("relay")
                            .process(before)
                            .to(primary + "?" + options)
                            .process(exchange -> copies.add(
                                    EnvelopeHeaders.read(exchange.getMessage()).orElseThrow().recipients()));
                }
            });
            camel.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The recipients of each mail that the primary has taken. */
    List<List<String>> copies() {
        return copies;
    }

    /** A client that has said EHLO. */
    SmtpDialogue client() {
        return client("EHLO");
    }

    /** A client that has said EHLO, or LHLO. */
    SmtpDialogue client(String hello) {
        SmtpDialogue client = SmtpDialogue.connect(((SmtpServerConsumer) camel.getRoute("relay").getConsumer()).getLocalPort());
        client.expect("220");
        client.say(hello + " client.example", "250");
        return client;
    }

    static void send(SmtpDialogue client, String from, List<String> recipients, byte[] message, String expectation) {
        client.say("MAIL FROM:" + from, "250");
        recipients.forEach(recipient -> client.say("RCPT TO:<" + recipient + ">", "250"));
        client.data(message);
        client.expect(expectation);
    }

    @Override
    public void close() {
        camel.stop();
    }
}
