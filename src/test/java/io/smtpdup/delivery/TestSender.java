package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;

/** A Camel context with our smtp and smtps, and a route's step that sends to them. */
final class TestSender implements AutoCloseable {

    static final byte[] MESSAGE = octets("Subject: hello\r\n\r\nHello.\r\n");

    private final CamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate template;

    TestSender() {
        camel.getRegistry().bind("smtp", new DeliveryComponent());
        camel.getRegistry().bind("smtps", new DeliveryComponent());
        camel.start();
        template = camel.createProducerTemplate();
    }

    CamelContext camel() {
        return camel;
    }

    static Envelope from(String reversePath, String... recipients) {
        return new Envelope(reversePath, null, false, Arrays.asList(recipients));
    }

    static Envelope envelope() {
        return from("alice@a.test", "bob@b.test");
    }

    static Envelope eightBit() {
        return new Envelope("alice@a.test", BodyType.EIGHT_BIT_MIME, false, envelope().recipients());
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    Exchange send(String uri, Consumer<Message> message) {
        return template.request(uri, exchange -> message.accept(exchange.getMessage()));
    }

    Exchange send(String uri, Envelope envelope, Object body) {
        return send(uri, message -> {
            EnvelopeHeaders.write(envelope, message);
            message.setBody(body);
        });
    }

    /** Delivers, and returns what the server said. */
    Reply deliver(String uri, Envelope envelope, Object body) {
        Exchange exchange = send(uri, envelope, body);
        assertThat(exchange.getException()).isNull();
        return exchange.getMessage().getHeader(SmtpServerConstants.REPLY, Reply.class);
    }

    Reply deliver(String uri) {
        return deliver(uri, envelope(), MESSAGE);
    }

    /** Fails to deliver, and returns why. */
    DeliveryException fail(String uri, Envelope envelope, Object body) {
        Exchange exchange = send(uri, envelope, body);
        assertThat(exchange.getException()).isInstanceOf(DeliveryException.class);
        assertThat(exchange.getMessage().getHeader(SmtpServerConstants.REPLY)).isNull();
        return exchange.getException(DeliveryException.class);
    }

    DeliveryException fail(String uri) {
        return fail(uri, envelope(), MESSAGE);
    }

    @Override
    public void close() {
        camel.stop();
    }
}
