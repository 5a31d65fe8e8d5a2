package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.ReplyingException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.StreamCache;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a route may rely on that begins or ends with a queue of a real broker. */
class SpoolComponentTest {

    private static final String QUEUE = "backup.mail-25";

    @TempDir
    private Path temporary;

    private Path directory;

    Spool spool;

    private DefaultCamelContext context;

    private ProducerTemplate producer;

    final List<String> seen = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() throws Exception {
        if (directory == null) {
            directory = temporary.resolve("spool");
        }
        spool = spool(directory);
        spool.start(List.of(QUEUE, "dead.mail-25"));
        context = new DefaultCamelContext();
        context.getRegistry().bind("spool", spool.component());
        context.start();
        producer = context.createProducerTemplate();
    }

    /** Not started yet. */
    Spool spool(Path path) throws Exception {
        return new Spool(path);
    }

    @AfterEach
    void close() throws Exception {
        context.stop();
        spool.stop();
    }

    @Test
    void tellsTheBrokerOfTheLastCopyThoughNoneFollows() throws Exception {
        put("one", "two", "three");

        take("acknowledgeEvery=100&acknowledgeWithin=50", this::note);

        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("one", "two", "three"));
        await().untilAsserted(() -> assertThat(left(QUEUE)).isZero());
    }

    @Test
    void tellsTheBrokerOfAllThatAreDoneWhenItStops() throws Exception {
        put("one", "two", "three");
        take("acknowledgeEvery=100&acknowledgeWithin=3600000", this::note);
        await().untilAsserted(() -> assertThat(seen).hasSize(3));
        assertThat(left(QUEUE)).isEqualTo(3);

        context.getRouteController().stopRoute("take");

        assertThat(left(QUEUE)).isZero();
    }

    @Test
    void givesBackTheOneThatFailedAndNoOther() throws Exception {
        put("one", "two", "three", "four");
        AtomicInteger failures = new AtomicInteger();

        take("acknowledgeEvery=100&acknowledgeWithin=3600000", exchange -> {
            note(exchange);
            if (text(exchange).equals("three") && failures.getAndIncrement() < 2) {
                throw new Away();
            }
        });

        await().untilAsserted(() -> assertThat(seen).containsExactly("one", "two", "three", "three", "three", "four"));
        assertThat(taken).containsExactly(1, 1, 1, 2, 3, 1);
        context.getRouteController().stopRoute("take");
        assertThat(left(QUEUE)).isZero();
    }

    private final List<Integer> taken = new CopyOnWriteArrayList<>();

    @Test
    void putsACopyElsewhereAndTakesItAwayTogether() throws Exception {
        put("good", "bad", "worse");
        AtomicInteger failures = new AtomicInteger();

        take("acknowledgeWithin=3600000", exchange -> {
            note(exchange);
            if (!text(exchange).equals("good")) {
                ProducerTemplate other = exchange.getContext().createProducerTemplate();
                Exchange sent = other.send("spool:dead.mail-25", sending -> {
                    sending.setMessage(exchange.getMessage().copy());
                    Delivery.join(exchange, sending);
                });
                assertThat(sent.getException()).isNull();
                if (text(exchange).equals("worse") && failures.getAndIncrement() == 0) {
                    throw new Away();
                }
            }
        });

        await().untilAsserted(() -> assertThat(seen).containsExactly("good", "bad", "worse", "worse"));
        await().untilAsserted(() -> assertThat(left(QUEUE)).isZero());
        assertThat(left("dead.mail-25")).isEqualTo(2);
    }

    @Test
    void keepsNothingBehindACopyThatHangs() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        take("concurrentConsumers=2", exchange -> {
            note(exchange);
            if (text(exchange).equals("hangs")) {
                end.await();
            }
        });
        put("hangs", "a", "b", "c", "d");

        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("hangs", "a", "b", "c", "d"));
        await().untilAsserted(() -> assertThat(left(QUEUE)).isEqualTo(1));
        end.countDown();
        await().untilAsserted(() -> assertThat(left(QUEUE)).isZero());
    }

    @Test
    void takesNothingWhileItIsSuspendedAndGoesOn() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        take("", exchange -> {
            note(exchange);
            end.await();
        });
        put("one");
        await().until(() -> seen.size() == 1);
        SpoolConsumer consumer = (SpoolConsumer) context.getRoute("take").getConsumer();
        consumer.suspend();
        put("two");
        end.countDown();
        await().untilAsserted(() -> assertThat(left(QUEUE)).isEqualTo(1));
        assertThat(seen).containsExactly("one");

        consumer.resume();

        await().untilAsserted(() -> assertThat(left(QUEUE)).isZero());
        assertThat(seen).containsExactly("one", "two");
    }

    @Test
    void repeatsNoMoreCopiesAfterAnAbruptEndThanItWasToldTo() throws Exception {
        for (int i = 0; i < 20; i++) {
            put("m" + i);
        }
        take("acknowledgeEvery=4&acknowledgeWithin=3600000", this::note);
        await().until(() -> seen.size() == 20);
        await().untilAsserted(() -> assertThat(left(QUEUE)).isZero());
        put("x", "y", "z");
        await().until(() -> seen.size() == 23);

        endAbruptly();

        await().untilAsserted(() -> assertThat(seen).hasSize(26));
        assertThat(seen.subList(23, 26)).containsExactly("x", "y", "z");
    }

    /** What lies on the disk at a moment is what is there after a kill: the route goes on with a spool on a copy of it. */
    void endAbruptly() throws Exception {
        Path killed = directory.resolveSibling(directory.getFileName() + "-killed");
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, killed.resolve(directory.relativize(file)));
            }
        }
        close();
        directory = killed;
        open();
        take("acknowledgeEvery=4&acknowledgeWithin=3600000", this::note);
    }

    @Test
    void keepsACopyForAQueueThatIsNotThereYetUntilItIs() throws Exception {
        producer.send("spool:new.queue", exchange -> mail(exchange, "early"));

        await().untilAsserted(() -> assertThat(left("new.queue")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(spool.overflow()).isZero());
    }

    @Test
    void takesNothingButMails() {
        Exchange sent = producer.send("spool:" + QUEUE, exchange -> exchange.getMessage().setBody("a note"));

        assertThat(sent.getException()).hasMessageContaining("it is no mail");
    }

    /** The backup is away. */
    private static final class Away extends Exception implements ReplyingException {

        private static final long serialVersionUID = 1;

        @Override
        public io.smtpdup.message.Reply reply() {
            return io.smtpdup.message.Reply.of(451, "4.4.1", "away");
        }
    }

    private interface Step {

        void process(Exchange exchange) throws Exception;
    }

    private void take(String options, Step step) throws Exception {
        RoutesBuilder route = new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("spool:" + QUEUE + "?" + options).routeId("take").process(step::process);
            }
        };
        context.addRoutes(route);
    }

    private void note(Exchange exchange) {
        seen.add(text(exchange));
        taken.add(exchange.getMessage().getHeader(CopyConstants.TAKEN, Integer.class));
    }

    private static String text(Exchange exchange) {
        exchange.getMessage().getBody(StreamCache.class).reset();
        return exchange.getMessage().getBody(String.class).strip();
    }

    private void put(String... texts) {
        for (String text : texts) {
            assertThat(producer.send("spool:" + QUEUE, exchange -> mail(exchange, text)).getException()).isNull();
        }
    }

    private static void mail(Exchange exchange, String text) {
        EnvelopeHeaders.write(new Envelope("a@b.example", null, false, List.of("c@d.example")), exchange.getMessage());
        exchange.getMessage().setBody(new InputStreamCache((text + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    private long left(String name) {
        return spool.management().queues().stream().filter(queue -> queue.name().equals(name)).findFirst().orElseThrow().messages();
    }
}
