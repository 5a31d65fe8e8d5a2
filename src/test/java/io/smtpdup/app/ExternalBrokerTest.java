package io.smtpdup.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.Detour;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.TestBroker;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.DiskFullMessagePolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The promises when the copies lie in a broker elsewhere: shared by relays, away, mute, or not letting us in. */
class ExternalBrokerTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    /** What a mail waits at least that is held up by a broker: connecting to it ends after 3 s, a call after 5 s. */
    private static final Duration HELD_UP = Duration.ofSeconds(3);

    @TempDir
    private Path directory;

    private TestBroker broker;

    private RelayUnderTest relay;

    @BeforeEach
    void prepare() throws IOException {
        broker = TestBroker.on(FreePort.find(), directory);
        relay = RelayUnderTest.withBackups(1);
        at(relay, broker.url());
    }

    @AfterEach
    void end() {
        relay.close();
        broker.close();
    }

    @Test
    void keepsCopiesThereWhileABackupIsAway() {
        broker.start();
        relay.start();
        relay.backup(1).down();
        for (int i = 0; i < 5; i++) {
            send(relay, i);
        }
        assertThat(broker.queue(queue()).getMessageCount()).isEqualTo(5);
        relay.stop();

        relay.backup(1).up();
        relay.start();

        assertThat(relay.backup(1).awaitMessages(5)).hasSize(5);
        await().untilAsserted(() -> assertThat(broker.queue(queue()).getMessageCount()).isZero());
    }

    @Test
    void carriesALargeMail() {
        broker.start();
        relay.start();
        byte[] large = ("Subject: large\r\n\r\n" + "0123456789abcdef\r\n".repeat(60_000)).getBytes(StandardCharsets.UTF_8);

        relay.send("<a@b.example>", List.of("c@d.example"), large, "250");

        assertThat(relay.backup(1).awaitMessages(1).get(0).belowReceived()).isEqualTo(large);
    }

    @Test
    void givesTheQueuesTheSettingsThatThePromisesNeed() {
        broker.start();

        relay.start();

        for (String queue : List.of(queue(), queue().replace("backup.", "dead."))) {
            assertThat(broker.queue(queue)).isNotNull().satisfies(made -> assertThat(made.isDurable()).isTrue());
            assertThat(broker.settings(queue).getMaxDeliveryAttempts()).isEqualTo(-1);
            assertThat(broker.settings(queue).getAddressFullMessagePolicy()).isEqualTo(AddressFullMessagePolicy.PAGE);
            assertThat(broker.settings(queue).getDiskFullMessagePolicy()).isEqualTo(DiskFullMessagePolicy.FAIL);
            assertThat(broker.settings(queue).isAutoDeleteQueues()).isFalse();
        }
        assertThat(broker.settings("other").getMaxDeliveryAttempts()).isEqualTo(10);
    }

    @Test
    void worksWhereItMayNotManageTheBroker() {
        broker = TestBroker.withoutManagementOn(Integer.parseInt(broker.url().replaceAll(".*:", "")), directory).start();
        relay.start();

        send(relay, 1);

        relay.backup(1).awaitMessages(1);
        assertThat(relay.relay().spool().problem()).isEmpty();
        assertThat(broker.settings(queue()).getMaxDeliveryAttempts()).as("not ours to change").isEqualTo(10);
    }

    @Test
    void twoRelaysShareIt() {
        broker.start();
        relay.start();
        try (RelayUnderTest second = at(RelayUnderTest.withBackups(0), broker.url())) {
            second.set("relay.destination_backups", relay.backup(1).address()).start();

            for (int i = 0; i < 10; i++) {
                send(relay, i);
                send(second, 100 + i);
            }

            assertThat(relay.backup(1).awaitMessages(20)).hasSize(20);
        }
    }

    @Test
    void theClientHearsThePrimaryWhileTheBrokerIsAwayAndEveryCopyGoesOnWhenItIsBack() {
        broker.start();
        relay.start();
        send(relay, 1);
        relay.backup(1).awaitMessages(1);
        await().until(() -> broker.queue(queue()).getMessageCount() == 0);

        broker.stop();
        assertThat(timeToSend(relay, 2, 11)).isLessThan(HELD_UP.multipliedBy(10));
        await().untilAsserted(() -> assertThat(relay.relay().spool().problem()).isPresent());
        assertThat(relay.primary().messages()).hasSize(11);
        assertThat(relay.backup(1).messages()).hasSize(1);

        broker.start();
        await().until(() -> relay.relay().spool().isOpen());
        send(relay, 12);

        assertArrived(IntStream.rangeClosed(1, 12));
        await().until(() -> relay.relay().spool().overflow() == 0);
    }

    @Test
    void keepsWhatTheBrokerDidNotTakeThroughARestart() throws IOException {
        broker.start();
        ManagementPort port = new ManagementPort();
        relay.set("management.port", String.valueOf(port.number())).start();
        broker.stop();
        byte[] large = ("Subject: large\r\n\r\n" + "0123456789abcdef\r\n".repeat(60_000)).getBytes(StandardCharsets.UTF_8);
        send(relay, 1);
        relay.send("<> BODY=8BITMIME", List.of("m2@d.example", "\"x y\"@d.example"), large, "250");
        assertThat(relay.relay().spool().overflow()).isEqualTo(2);
        assertThat(new String(port.request("GET", "/spool/backups", null).body(), StandardCharsets.UTF_8))
                .as("what an operator sees while the broker is away").contains("2 copies are kept in the overflow");
        relay.stop();

        Files.writeString(relay.directory().resolve("spool/overflow/0-half.eml"), "not finished");
        Files.writeString(relay.directory().resolve("spool/overflow/0-half.copy.part"), "not finished");
        broker.start();
        relay.start();

        assertArrived(IntStream.rangeClosed(1, 2));
        assertThat(relay.backup(1).messages()).filteredOn(mail -> mail.recipients().size() == 2).singleElement()
                .satisfies(mail -> {
                    assertThat(mail.belowReceived()).isEqualTo(large);
                    assertThat(mail.mailFrom()).contains("<>", "BODY=8BITMIME");
                    assertThat(mail.recipients()).containsExactly("m2@d.example", "\"x y\"@d.example");
                });
        await().untilAsserted(() -> assertThat(relay.directory().resolve("spool/overflow")).isEmptyDirectory());
    }

    @Test
    void sendsNothingDamagedOutOfTheOverflow() throws IOException {
        broker.start();
        relay.start();
        broker.stop();
        for (int i = 1; i <= 4; i++) {
            send(relay, i);
        }
        Files.writeString(overflow("m1@d.example", ".copy"), "garbage");
        Files.writeString(overflow("m2@d.example", ".eml"), "Subject: hello\r\n\r\nHelp!!\r\n");
        Files.delete(overflow("m3@d.example", ".eml"));

        broker.start();

        assertArrived(IntStream.rangeClosed(4, 4));
        await().untilAsserted(() -> assertThat(broker.queue(queue().replace("backup.", "damaged.")).getMessageCount()).isEqualTo(1));
        assertThat(relay.backup(1).messages()).hasSize(1);
        assertThat(relay.relay().spool().overflow()).isZero();
    }

    @Test
    void losesNothingThatGot250WhereverTheBrokerBecomesMute() throws Exception {
        broker.start();
        try (Detour detour = Detour.to(Integer.parseInt(broker.url().replaceAll(".*:", "")))) {
            at(relay, "tcp://127.0.0.1:" + detour.port()).set("spool.required", "true").start();
            Set<Integer> accepted = ConcurrentHashMap.newKeySet();
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger number = new AtomicInteger(100);
            AtomicLong longest = new AtomicLong();
            ExecutorService clients = Executors.newFixedThreadPool(4);
            for (int i = 0; i < 4; i++) {
                clients.submit(() -> {
                    while (!enough.get()) {
                        int mine = number.incrementAndGet();
                        Instant begin = Instant.now();
                        try {
                            send(relay, mine);
                            accepted.add(mine);
                        } catch (AssertionError e) {
                            Thread.onSpinWait(); // 452: the client keeps its mail
                        }
                        longest.accumulateAndGet(Duration.between(begin, Instant.now()).toMillis(), Math::max);
                    }
                });
            }
            await().until(() -> accepted.size() > 20);
            detour.block();
            await().until(() -> !relay.relay().spool().isOpen());
            detour.unblock();
            await().until(() -> relay.relay().spool().isOpen());
            int before = accepted.size();
            await().until(() -> accepted.size() > before + 20);
            enough.set(true);
            clients.shutdown();
            assertThat(clients.awaitTermination(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertArrived(accepted.stream().mapToInt(Integer::intValue));
            assertThat(longest.get()).as("milliseconds that a client waited").isLessThan(Patience.LIMIT.toMillis());
        }
    }

    private void assertArrived(IntStream numbers) {
        List<String> expected = numbers.mapToObj(number -> "m" + number + "@d.example").toList();
        await().untilAsserted(() -> assertThat(relay.backup(1).messages())
                .extracting(mail -> mail.recipients().get(0)).containsAll(expected));
    }

    @Test
    void startsWhileTheBrokerIsAway() {
        relay.start();
        assertThat(relay.relay().spool().problem()).hasValueSatisfying(reason -> assertThat(reason).contains("Cannot connect"));
        assertThat(timeToSend(relay, 1, 10)).isLessThan(HELD_UP.multipliedBy(10));

        broker.start();
        await().until(() -> relay.relay().spool().isOpen());
        send(relay, 11);

        assertArrived(IntStream.rangeClosed(1, 11));
    }

    @Test
    void saysThatThePasswordIsWrongAndDoesNotShowIt() {
        broker.start();
        relay.set("spool.broker_password", "another+word").start();

        assertThat(relay.relay().spool().problem()).hasValueSatisfying(reason -> assertThat(reason)
                .contains("spool.broker_user", "spool.broker_password").doesNotContain("another+word"));
        assertThat(timeToSend(relay, 1, 10)).isLessThan(HELD_UP.multipliedBy(10));
    }

    @Test
    void isHeldUpOnceByABrokerThatNeverAnswers() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            at(relay, "tcp://127.0.0.1:" + mute.getLocalPort());
            Instant begin = Instant.now();
            relay.start();
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);

            assertThat(timeToSend(relay, 1, 10)).isLessThan(HELD_UP.multipliedBy(10));
        }
    }

    @Test
    void isHeldUpOnceByABrokerThatBecomesMuteAndEndsInTime() throws IOException {
        broker.start();
        try (Detour detour = Detour.to(Integer.parseInt(broker.url().replaceAll(".*:", "")))) {
            at(relay, "tcp://127.0.0.1:" + detour.port()).start();
            send(relay, 1);
            relay.backup(1).awaitMessages(1);

            detour.block();
            assertThat(timeToSend(relay, 2, 2)).isLessThan(Patience.LIMIT);
            await().until(() -> !relay.relay().spool().isOpen());
            assertThat(timeToSend(relay, 3, 12)).isLessThan(HELD_UP.multipliedBy(10));

            detour.unblock();
            await().until(() -> relay.relay().spool().isOpen());
            send(relay, 13);
            assertArrived(IntStream.rangeClosed(1, 13));

            detour.block();
            Instant begin = Instant.now();
            relay.stop();
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
        }
    }

    /** One of the two files of the copy that is in the overflow for a recipient. */
    private Path overflow(String recipient, String end) throws IOException {
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(relay.directory().resolve("spool/overflow"), "*.copy")) {
            for (Path copy : copies) {
                if (Files.readString(copy, StandardCharsets.ISO_8859_1).contains(recipient)) {
                    return copy.resolveSibling(copy.getFileName().toString().replace(".copy", end));
                }
            }
        }
        throw new AssertionError("no copy for " + recipient);
    }

    private String queue() {
        return "backup." + relay.backup(1).address().replace(':', '-');
    }

    /** Many of them, one after the other: a mail may be slow because the machine is, and not all of them. */
    private static Duration timeToSend(RelayUnderTest relay, int first, int last) {
        Instant begin = Instant.now();
        for (int number = first; number <= last; number++) {
            send(relay, number);
        }
        return Duration.between(begin, Instant.now());
    }

    private static void send(RelayUnderTest relay, int number) {
        relay.send("<a@b.example>", List.of("m" + number + "@d.example"), HELLO, "250");
    }

    private static RelayUnderTest at(RelayUnderTest relay, String url) {
        return relay.set("spool.broker_url", url)
                .set("spool.broker_user", TestBroker.USER)
                .set("spool.broker_password", TestBroker.PASSWORD);
    }
}
