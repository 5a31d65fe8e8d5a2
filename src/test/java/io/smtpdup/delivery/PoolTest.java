package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class PoolTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String uri = "smtp:" + server.address() + "?timeout=2s";

    @AfterEach
    void close() {
        threads.shutdownNow();
        sender.close();
        server.close();
    }

    @Test
    void sendsOneMailAfterTheOtherOverOneConnection() {
        sender.deliver(uri);
        sender.deliver(uri);

        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void losesNoMailToAConnectionTheServerHasClosed() {
        sender.deliver(uri);
        server.dropIdleConnections();

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void losesNoMailWhenEveryIdleConnectionIsDead() {
        idleConnections(8);
        server.dropIdleConnections();

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"421", "hang up", "reset"})
    void losesNoMailToAServerThatEndsAReusedConnectionAtMail(String how) {
        sender.deliver(uri);
        var rule = server.on("MAIL");
        switch (how) {
            case "421" -> rule.replyAndHangUp("421 4.4.2 idle too long").once();
            case "reset" -> rule.reset().once();
            default -> rule.hangUp().once();
        }

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"451 4.7.0 Timeout waiting for client input", "554 5.4.0 idle too long"})
    void losesNoMailToAReplyThatWasThereBeforeMail(String farewell) {
        sender.deliver(uri);
        server.on("MAIL").once().replyAndHangUp(farewell);

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    /** Or its answer would be that to the next mail's MAIL, the answer to MAIL that to RCPT, and so on. */
    @ParameterizedTest
    @ValueSource(strings = {"550 5.0.0 stray", "250 2.0.0 Ok again", "garbage"})
    void takesNoReplyForTheNextMailThatTheLastOneLeft(String stray) {
        server.on("DOT").once().reply("250 2.0.0 Ok\r\n" + stray);
        sender.deliver(uri);

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void passesARefusalOfMailOnThatAFreshConnectionGetsToo() {
        sender.deliver(uri);
        server.on("MAIL").reply("550 5.7.1 not from you");

        assertThat(sender.fail(uri).reply()).isEqualTo(Reply.parse("550 5.7.1 not from you"));

        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void passes421OnWhenAFreshConnectionGetsItToo() {
        sender.deliver(uri);
        server.on("MAIL").replyAndHangUp("421 4.3.2 closing");

        assertThat(sender.fail(uri).reply()).isEqualTo(Reply.parse("421 4.3.2 closing"));
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void losesNoMailToAConnectionThatBecameMute() {
        sender.deliver(uri);
        server.on("MAIL").once().stall();

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void waitsOnlyOnceMoreForAServerThatIsMute() {
        sender.deliver(uri);
        server.on("MAIL").stall();

        assertThat(sender.fail(uri).reply().toString()).startsWith("451 4.4.2");
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void breaksOffWhatHangsWhenItIsCut() throws Exception {
        String patient = "smtp:" + server.address() + "?timeout=300s";
        server.on("DOT").stall();
        Future<DeliveryException> hanging = threads.submit(() -> sender.fail(patient));
        await().until(() -> server.offeredMessages().size() == 1);

        sender.camel().getEndpoint(patient, DeliveryEndpoint.class).cut();

        assertThat(hanging.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(sender.fail(patient).outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void answers451WhenAStaleConnectionCannotBeReplaced() {
        sender.deliver(uri);
        server.down();

        assertThat(sender.fail(uri).reply().toString()).startsWith("451 4.4.1");
    }

    @Test
    void worksAgainOnceTheServerIsBack() {
        sender.deliver(uri);
        server.down();
        sender.fail(uri);
        server.up();

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
    }

    @Test
    void saysQuitAfterSoManyMails() {
        IntStream.range(0, 5).forEach(i -> sender.deliver(uri + "&maxMessagesPerConnection=2"));

        assertThat(server.connectionCount()).isEqualTo(3);
        assertThat(server.commands(1)).filteredOn(line -> line.startsWith("MAIL")).hasSize(2);
        assertThat(server.commands(1)).endsWith("QUIT");
    }

    @Test
    void saysQuitWhenAConnectionHasBeenIdleForLong() {
        sender.deliver(uri + "&maxIdle=100ms");

        server.awaitCommand("QUIT");
        server.awaitOpenConnections(0);
    }

    @Test
    void endsAConnectionThatHasBecomeOld() {
        String old = uri + "&maxConnectionAge=1";
        server.on("RCPT").delay(Duration.ofMillis(20)).replyAsUsual();

        sender.deliver(old);
        sender.deliver(old);

        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void neverHasMoreConnectionsThanAllowed() {
        CountDownLatch release = new CountDownLatch(1);
        server.on("DOT").times(3).waitFor(release).replyAsUsual();
        List<CompletableFuture<Reply>> mails = IntStream.range(0, 30).mapToObj(i -> async(uri + "&maxConnections=3")).toList();
        await().until(() -> server.commands().stream().filter("DATA"::equals).count() == 3);

        release.countDown();
        mails.forEach(CompletableFuture::join);

        assertThat(server.messages()).hasSize(30);
        assertThat(server.connectionCount()).isEqualTo(3);
    }

    @Test
    void answers451WhenNoConnectionBecomesFree() {
        CountDownLatch release = new CountDownLatch(1);
        server.on("DOT").once().waitFor(release).replyAsUsual();
        String narrow = uri + "&maxConnections=1&maxWait=100";
        CompletableFuture<Reply> first = async(narrow);
        server.awaitCommand("DATA");

        DeliveryException failure = sender.fail(narrow);

        assertThat(failure.reply().toString()).startsWith("451 4.4.5");
        assertThat(failure.isDestinationAway()).isFalse();
        release.countDown();
        assertThat(first.join().code()).isEqualTo(250);
    }

    @Test
    void makesRoomForThoseWhoWaitWhenAConnectionBreaks() {
        server.on("DATA").times(2).delay(Duration.ofMillis(200)).hangUp();
        String narrow = uri + "&maxConnections=1";

        List<CompletableFuture<Boolean>> mails = IntStream.range(0, 3)
                .mapToObj(i -> async(narrow).handle((reply, failure) -> failure == null)).toList();

        assertThat(mails.stream().map(CompletableFuture::join)).contains(true);
    }

    @Test
    void keepsParallelMailsApart() {
        List<CompletableFuture<Reply>> mails = IntStream.range(0, 200)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> sender.deliver(uri, TestSender.from("f" + i + "@a.test",
                        "t" + i + "@b.test"), TestSender.octets("Subject: s" + i + "\r\n\r\n")), threads))
                .toList();
        mails.forEach(CompletableFuture::join);

        assertThat(server.messages()).hasSize(200).allSatisfy(message -> {
            String number = message.envelopeFrom().replaceAll("\\D", "");
            assertThat(message.recipients()).containsExactly("t" + number + "@b.test");
            assertThat(message.text()).isEqualTo("Subject: s" + number + "\r\n\r\n");
        });
        assertThat(server.messages()).extracting(ReceivedMessage::envelopeFrom).doesNotHaveDuplicates();
        assertThat(server.connectionCount()).isLessThanOrEqualTo(20);
    }

    @Test
    void answersEveryMailSoonWhenManyMeetADeadServer() {
        server.on("CONNECT").stall();
        String narrow = "smtp:" + server.address() + "?timeout=300&maxConnections=5&maxWait=10s";

        List<CompletableFuture<Throwable>> mails = IntStream.range(0, 20)
                .mapToObj(i -> async(narrow).handle((reply, failure) -> failure)).toList();

        assertThat(mails.stream().map(CompletableFuture::join)).doesNotContainNull();
        server.awaitOpenConnections(0);
    }

    @Test
    void endsIdleConnectionsWhenTheContextStops() {
        idleConnections(3);

        sender.close();

        server.awaitOpenConnections(0);
        assertThat(server.commands()).filteredOn("QUIT"::equals).hasSize(3);
    }

    /** Sends so many mails at once that none can use another's connection. */
    private void idleConnections(int n) {
        CountDownLatch release = new CountDownLatch(1);
        server.on("DOT").times(n).waitFor(release).replyAsUsual();
        List<CompletableFuture<Reply>> mails = IntStream.range(0, n).mapToObj(i -> async(uri)).toList();
        await().until(() -> server.commands().stream().filter("DATA"::equals).count() == n);
        release.countDown();
        mails.forEach(CompletableFuture::join);
    }

    private CompletableFuture<Reply> async(String to) {
        return CompletableFuture.supplyAsync(() -> sender.deliver(to), threads);
    }
}
