package io.smtpdup.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A listening socket that was there before the listener, and is there after it. */
class InheritedSocketTest {

    private static final int CLIENTS = 50;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final Logger logger = (Logger) LoggerFactory.getLogger(Inherited.class);

    private ServerSocketChannel socket;

    private String address;

    @BeforeEach
    void bind() throws IOException {
        socket = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 2 * CLIENTS);
        address = "127.0.0.1:" + socket.socket().getLocalPort();
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws IOException {
        logger.detachAppender(log);
        logger.setLevel(null);
        assertThat(socket.isOpen()).isTrue();
        socket.close();
    }

    private Listener listener(String options) {
        return Listener.inheriting(socket, address, options);
    }

    private String said() {
        return String.join("\n", List.copyOf(log.list).stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    private static SmtpDialogue secured(Listener listener) {
        SmtpDialogue client = listener.greetedClient();
        client.say("STARTTLS", "220");
        client.startTls(TestCertificates.localhost().trustingContext());
        client.say("EHLO client.example", "250");
        return client;
    }

    @Test
    void takesMailsOverIt() {
        try (Listener listener = listener(""); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, "first\r\n")).startsWith("250");
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("354");
            client.sendRaw("second\r\n.\r\nNOOP\r\n");
            client.expect("250 2.0.0 Ok: queued");
            client.expect("250 2.0.0");
            assertThat(Listener.mail(client, "large ".repeat(500_000) + "\r\n")).startsWith("250");
            client.say("QUIT", "221");
            assertThat(client.isResetByPeer()).isFalse();

            assertThat(listener.arrived()).hasSize(3).allSatisfy(
                    mail -> assertThat(mail.client().address().getAddress().getHostAddress()).isEqualTo("127.0.0.1"));
            assertThat(said()).contains("listening with the socket that the service manager holds");
        }
    }

    @Test
    void takesMailsUnderTls() {
        try (Listener listener = listener("sslContextParameters=#tls"); SmtpDialogue client = secured(listener)) {
            assertThat(Listener.mail(client, "first\r\n")).startsWith("250");
            assertThat(Listener.mail(client, "large ".repeat(500_000) + "\r\n")).startsWith("250");
            client.say("QUIT", "221");
            assertThat(client.isResetByPeer()).isFalse();
            assertThat(listener.arrived()).hasSize(2);
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void tellsASilentClientThatItTookTooLong() {
        try (Listener listener = listener("commandTimeout=1s"); SmtpDialogue client = listener.client()) {
            client.expect("421 4.4.2");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void closesWhenNobodyShakesHands() {
        try (Listener listener = listener("commandTimeout=1s&sslContextParameters=#tls"); SmtpDialogue client = listener.client()) {
            client.pipeline("EHLO client.example", "STARTTLS");
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void outlivesClientsThatLeaveWithoutAWord() {
        try (Listener listener = listener("")) {
            for (int i = 0; i < 3; i++) {
                try (SmtpDialogue client = listener.clientWithEnvelope()) {
                    client.say("DATA", "354");
                    client.sendRaw("half\r\n");
                    switch (i) {
                        case 0 -> client.reset();
                        case 1 -> client.shutdownOutput();
                        default -> client.close();
                    }
                    await().until(() -> listener.sessions() == 0);
                }
            }
            try (SmtpDialogue client = listener.greetedClient()) {
                client.shutdownOutput();
                assertThat(client.isResetByPeer()).isFalse();
            }
            try (SmtpDialogue client = listener.greetedClient()) {
                assertThat(Listener.mail(client, "whole\r\n")).startsWith("250");
            }
            assertThat(listener.onlyMail().content()).isEqualTo("whole\r\n");
        }
    }

    @Test
    void isNotHeldUpByAClientThatDoesNotReadItsReplies() throws Exception {
        try (Listener listener = listener("maxEmptyCommands=0"); SmtpDialogue client = listener.greetedClient()) {
            NeverReading.fill(client);

            CompletableFuture.runAsync(listener::close).get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void takesManyAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (Listener listener = listener("maxConnections=" + CLIENTS)) {
            List<Future<String>> replies = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                replies.add(threads.submit(() -> {
                    try (SmtpDialogue client = listener.greetedClient()) {
                        Listener.mail(client, "one\r\n");
                        return Listener.mail(client, "another\r\n");
                    }
                }));
            }
            for (Future<String> reply : replies) {
                assertThat(reply.get()).startsWith("250");
            }
            assertThat(listener.arrived()).hasSize(2 * CLIENTS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void leavesThoseWhoComeAfterItsEndToTheNext() {
        listener("").close();
        List<SmtpDialogue> waiting = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            waiting.add(SmtpDialogue.connect(socket.socket().getLocalPort()));
        }

        try (Listener next = listener("maxConnections=" + CLIENTS)) {
            for (SmtpDialogue client : waiting) {
                client.expect("220");
                client.say("EHLO client.example", "250");
                assertThat(Listener.mail(client, "patient\r\n")).startsWith("250");
            }
            assertThat(next.arrived()).hasSize(CLIENTS);
        } finally {
            waiting.forEach(SmtpDialogue::close);
        }
    }

    /** From the first moment on, while a mail is being brought to its end. */
    @Test
    void acceptsNobodyWhileItDrains() throws Exception {
        CountDownLatch routing = new CountDownLatch(1);
        CountDownLatch primaryAnswers = new CountDownLatch(1);
        Listener listener = listener("").then(exchange -> {
            routing.countDown();
            assertThat(primaryAnswers.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        });
        CompletableFuture<Void> stop;
        try (SmtpDialogue client = listener.clientWithEnvelope(); SmtpDialogue idle = listener.greetedClient()) {
            client.data("Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(routing.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            stop = CompletableFuture.runAsync(listener::close);
            idle.expect("421 4.3.2"); // so it has begun to drain
            try (SmtpDialogue late = SmtpDialogue.connect(socket.socket().getLocalPort())) {
                primaryAnswers.countDown();
                client.expect("250 2.0.0");
                client.expect("421 4.3.2");
                stop.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
                try (Listener next = listener("")) {
                    late.expect("220");
                    late.say("QUIT", "221");
                    assertThat(next.arrived()).isEmpty();
                }
            }
        }
    }

    @Test
    void isUsedAgainAfterItsRouteWasStopped() throws Exception {
        try (Listener listener = listener("")) {
            for (int i = 0; i < 3; i++) {
                listener.context().getRouteController().stopRoute("front");
                try (SmtpDialogue client = SmtpDialogue.connect(socket.socket().getLocalPort())) {
                    listener.context().getRouteController().startRoute("front");
                    client.expect("220");
                }
            }
        }
        assertThat(said().lines()).hasSize(4);
    }

    @Test
    void isLeftAloneWhenItIsForAnotherAddress() {
        try (Listener listener = Listener.inheriting(socket, "127.0.0.1:0", ""); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, "x\r\n")).startsWith("250");
            assertThat(listener.port()).isNotEqualTo(socket.socket().getLocalPort());
        }
        assertThat(said()).contains("holds a socket on /" + address + ", which does not serve the listener on 127.0.0.1:0");
    }

    @Test
    void isLeftAloneWhenItIsOfAnotherKind(@TempDir Path directory) throws IOException {
        try (ServerSocketChannel local = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            local.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
            try (Listener listener = Listener.inheriting(local, "127.0.0.1:0", ""); SmtpDialogue client = listener.client()) {
                client.say("QUIT", "221");
            }
        }
        assertThat(said()).contains("does not serve the listener");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0.0.0.0", "[::]"})
    void servesAllAddressesWhenItListensOnThem(String host) throws IOException {
        try (ServerSocketChannel all = ServerSocketChannel.open().bind(new InetSocketAddress(0))) {
            int port = all.socket().getLocalPort();
            try (Listener listener = Listener.inheriting(all, host + ":" + port, "");
                    SmtpDialogue client = listener.greetedClient()) {
                assertThat(Listener.mail(client, "x\r\n")).startsWith("250");
                assertThat(listener.onlyMail().client().address().getAddress().getHostAddress()).isEqualTo("127.0.0.1");
                InetAddress sixth = InetAddress.getByName("::1");
                if (NetworkInterface.getByInetAddress(sixth) != null) {
                    try (Socket other = new Socket(sixth, port)) {
                        assertThat(other.getInputStream().read()).isEqualTo('2');
                    }
                }
            }
        }
        assertThat(said()).startsWith("listening with");
    }
}
