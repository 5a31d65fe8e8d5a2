package io.smtpdup.server;

import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;

/** An smtp-server endpoint on a port of the system's choice, with a route that keeps what arrives. */
final class Listener implements AutoCloseable {

    /** Messages above this many octets are on disk, for a listener that spools. */
    static final int SPOOL_THRESHOLD = 1000;

    /** What the route saw of one mail; read out at once, because the body ends with its exchange. */
    record Arrived(Map<String, Object> headers, byte[] octets) {

        String reversePath() {
            return (String) headers.get(SmtpServerConstants.REVERSE_PATH);
        }

        @SuppressWarnings("unchecked")
        List<String> recipients() {
            return (List<String>) headers.get(SmtpServerConstants.RECIPIENTS);
        }

        Envelope envelope() {
            return (Envelope) headers.get(SmtpServerConstants.ENVELOPE);
        }

        /** Whom the mail comes from. */
        ClientIdentity client() {
            return envelope().origin().client();
        }

        /** The message, one character an octet. */
        String text() {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }

        /** Our own Received field, with its last CRLF. */
        String receivedField() {
            String field = text().split("(?<=\r\n)(?![ \t])", 2)[0];
            if (!field.startsWith("Received: ")) {
                throw new AssertionError("the first field is not Received but: " + field);
            }
            return field;
        }

        /** The message as the client sent it, one character an octet. */
        String content() {
            return text().substring(receivedField().length());
        }
    }

    private final DefaultCamelContext context = new DefaultCamelContext();

    private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

    private volatile Processor then = exchange -> {
    };

    private Listener() {
    }

    /** A listener with the given options, as they stand in an endpoint URI: {@code maxSize=1000&hopLimit=2}. */
    static Listener with(String options) {
        return started("127.0.0.1:0?" + options, context -> {
        });
    }

    static Listener plain() {
        return with("");
    }

    /** A listener that asks this next hop. */
    static Listener asking(NextHop hop) {
        return started("127.0.0.1:0?maxSize=1000&recipientCheck=hop", context -> context.getRegistry().bind("hop", hop));
    }

    /** A listener on an address of the test's choice. */
    static Listener on(String hostAndPort) {
        return started(hostAndPort, context -> {
        });
    }

    /** A listener that offers STARTTLS with {@link TestCertificates#localhost()}. */
    static Listener withTls(String options) {
        return started("127.0.0.1:0?" + (options.isEmpty() ? "" : options + "&") + "sslContextParameters=#tls",
                context -> context.getRegistry().bind("tls", localhost()));
    }

    /**
     * A listener in a process that was started with this socket.
     *
     * @param options may name {@code #tls}, which is {@link TestCertificates#localhost()}
     */
    static Listener inheriting(ServerSocketChannel socket, String hostAndPort, String options) {
        return started(hostAndPort + "?" + options, context -> {
            context.getRegistry().bind("listeners", new Listeners(socket));
            context.getRegistry().bind("tls", localhost());
        });
    }

    private static SSLContextParameters localhost() {
        return new SSLContextParameters() {
            @Override
            public SSLContext createSSLContext(CamelContext camelContext) {
                return TestCertificates.localhost().serverContext();
            }
        };
    }

    /** A listener that keeps messages above {@value #SPOOL_THRESHOLD} octets in files below the directory. */
    static Listener spoolingTo(Path directory, String options) {
        return started("127.0.0.1:0?" + options, context -> {
            context.getStreamCachingStrategy().setSpoolDirectory(directory.toFile());
            context.getStreamCachingStrategy().setSpoolThreshold(SPOOL_THRESHOLD);
            context.getStreamCachingStrategy().setBufferSize(256);
        });
    }

    private static Listener started(String endpoint, Consumer<DefaultCamelContext> preparation) {
        Listener listener = new Listener();
        try {
            listener.context.getStreamCachingStrategy().setSpoolEnabled(true);
            preparation.accept(listener.context);
            listener.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    errorHandler(noErrorHandler());
                    from("smtp-server:" + endpoint).routeId("front").process(listener::keep);
                }
            });
            listener.context.start();
        } catch (Exception e) {
            listener.context.stop();
            throw new IllegalStateException(e);
        }
        return listener;
    }

    /** What the route does with a mail after it was kept. */
    Listener then(Processor processor) {
        then = processor;
        return this;
    }

    int port() {
        return consumer().getLocalPort();
    }

    /** A client that has connected and heard the greeting. */
    SmtpDialogue client() {
        SmtpDialogue client = SmtpDialogue.connect(port());
        client.expect("220");
        return client;
    }

    /** A client that has said EHLO. */
    SmtpDialogue greetedClient() {
        SmtpDialogue client = client();
        client.say("EHLO client.example", "250");
        return client;
    }

    /** A client that has said MAIL and RCPT: DATA may follow. */
    SmtpDialogue clientWithEnvelope() {
        SmtpDialogue client = greetedClient();
        envelope(client);
        return client;
    }

    /** Says MAIL and RCPT. */
    static void envelope(SmtpDialogue client) {
        client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        client.say("RCPT TO:<c@d.example>", "250 2.1.5");
    }

    /** Sends a whole mail, one octet for each character, and returns the reply to it. */
    static String mail(SmtpDialogue client, String message) {
        envelope(client);
        client.data(message.getBytes(StandardCharsets.ISO_8859_1));
        return client.expect("/./");
    }

    List<Arrived> arrived() {
        return arrived;
    }

    /** The one mail that arrived. */
    Arrived onlyMail() {
        if (arrived.size() != 1) {
            throw new AssertionError("not one mail arrived but " + arrived.size());
        }
        return arrived.get(0);
    }

    /** Connections that are open. */
    int sessions() {
        return consumer().sessions().size();
    }

    DefaultCamelContext context() {
        return context;
    }

    private SmtpServerConsumer consumer() {
        return (SmtpServerConsumer) context.getRoute("front").getConsumer();
    }

    private void keep(Exchange exchange) throws Exception {
        arrived.add(new Arrived(Map.copyOf(exchange.getMessage().getHeaders()), exchange.getMessage().getBody(byte[].class)));
        then.process(exchange);
    }

    @Override
    public void close() {
        context.stop();
    }
}
