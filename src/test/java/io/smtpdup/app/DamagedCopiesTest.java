package io.smtpdup.app;

import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.Message;
import io.smtpdup.spool.BrokerSession;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.spool.QueueState;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Copies whose files on disk were damaged: each is set aside, none is delivered as if whole, and nobody waits behind it. */
class DamagedCopiesTest {

    private static final String HELLO = "Subject: hello\r\n\r\nHello.\r\n";

    private static final int CONCURRENCY = 4;

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final ManagementPort port = new ManagementPort();

    private RelayUnderTest relay;

    @BeforeEach
    void begin() {
        log.start();
        root.addAppender(log);
        relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number())).start();
    }

    @AfterEach
    void end() {
        relay.close();
        root.detachAppender(log);
    }

    @FunctionalInterface
    private interface Harm {

        void to(Path file) throws IOException;
    }

    private static final List<Harm> HARMS = List.of(
            file -> Files.write(file, new byte[0]),
            Files::delete,
            file -> resize(file, Files.size(file) / 2),
            file -> resize(file, Files.size(file) - 1),
            file -> resize(file, 10),
            file -> Files.write(file, new byte[4096], StandardOpenOption.APPEND),
            file -> alter(file, 0),
            file -> alter(file, 9),
            file -> alter(file, Files.size(file) / 2),
            file -> alter(file, Files.size(file) - 1),
            file -> Files.write(file, new byte[(int) Files.size(file)]),
            file -> {
                Files.delete(file);
                Files.createDirectories(file.resolve("inside"));
            },
            file -> resize(file, 1L << 40),
            file -> linkTo(Path.of("nowhere", "at-all"), file),
            file -> linkTo(file.getFileName(), file),
            file -> linkTo(Path.of("/etc/hosts"), file),
            file -> {
                Files.delete(file);
                new ProcessBuilder("mkfifo", file.toString()).start().onExit().join();
            });

    private static void linkTo(Path target, Path file) throws IOException {
        Files.delete(file);
        Files.createSymbolicLink(file, target);
    }

    @Test
    void areSetAsideAtTheStartWhileAllOthersPass() throws Exception {
        relay.backup(1).down();
        for (int i = 0; i < HARMS.size(); i++) {
            sendLarge("broken" + i);
            relay.send("<a@b.example>", List.of("small" + i + "@d.example"), HELLO.getBytes(StandardCharsets.UTF_8), "250");
        }
        sendLarge("whole");
        relay.backup(2).awaitMessages(2 * HARMS.size() + 1);
        await().until(() -> files().size() == HARMS.size() + 1);
        relay.stop();
        List<Path> files = files();
        for (int i = 0; i < HARMS.size(); i++) {
            HARMS.get(i).to(files.get(i));
        }

        relay.backup(1).up();
        relay.start();
        relay.send("<a@b.example>", List.of("later@d.example"), HELLO.getBytes(StandardCharsets.UTF_8), "250");

        await().untilAsserted(() -> assertThat(damaged(1)).isEqualTo(HARMS.size()));
        List<ReceivedMessage> arrived = relay.backup(1).awaitMessages(HARMS.size() + 2);
        assertThat(arrived).hasSize(HARMS.size() + 2).extracting(mail -> mail.recipients().get(0))
                .contains("later@d.example", "whole@d.example").noneMatch(recipient -> recipient.startsWith("broken"));
        assertOneLineEach(HARMS.size());
        assertThat(relay.relay().spool().problem()).isEmpty();
    }

    @Test
    void areSetAsideWhileTheRelayRuns() throws Exception {
        relay.backup(1).down();
        for (int i = 0; i < HARMS.size(); i++) {
            sendLarge("broken" + i);
        }
        await().until(() -> files().size() >= HARMS.size());
        relay.backup(2).awaitMessages(HARMS.size());
        await().until(() -> files().size() == HARMS.size());
        List<Path> files = files();
        for (int i = 0; i < HARMS.size(); i++) {
            HARMS.get(i).to(files.get(i));
        }
        sendLarge("whole");

        relay.backup(1).up();

        // Those that wait at the gate were read before they were damaged, whole.
        await().untilAsserted(() -> assertThat(damaged(1) + relay.backup(1).messages().size())
                .isEqualTo(HARMS.size() + 1));
        assertThat(relay.backup(1).messages()).extracting(mail -> mail.recipients().get(0)).contains("whole@d.example");
        assertThat(damaged(1)).isGreaterThanOrEqualTo(HARMS.size() - CONCURRENCY);
        assertThat(relay.backup(1).messages()).allSatisfy(mail ->
                assertThat(ReceivedMessage.sha256(mail.belowReceived())).isEqualTo(ReceivedMessage.sha256(large())));
        assertOneLineEach((int) damaged(1));
    }

    @Test
    void keepSmallOnesThatWereAlteredApart() throws Exception {
        relay.backup(1).down();
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO.replace("Hello.", "SECRETWORD").getBytes(StandardCharsets.UTF_8), "250");
        relay.send("<a@b.example>", List.of("d@d.example"), HELLO.getBytes(StandardCharsets.UTF_8), "250");
        relay.backup(2).awaitMessages(2);
        relay.stop();
        replaceIn(relay.directory().resolve("spool/journal"), "SECRETWORD", "SECRETWORK");

        relay.backup(1).up();
        relay.start();

        assertThat(relay.backup(1).awaitMessages(1)).extracting(mail -> mail.recipients().get(0)).containsExactly("d@d.example");
        await().untilAsserted(() -> assertThat(damaged(1)).isEqualTo(1));
        assertOneLineEach(1);
    }

    @Test
    void areSetAsideWhenAnotherProgramHasPutThemThere() throws Exception {
        String queue = "backup." + relay.backup(1).address().replace(':', '-');
        try (BrokerSession session = relay.relay().spool().open(false)) {
            ClientMessage text = session.session().createMessage(Message.TEXT_TYPE, true);
            text.getBodyBuffer().writeNullableSimpleString(SimpleString.of("what is this"));
            session.send(queue, text);
            session.send(queue, session.session().createMessage(Message.DEFAULT_TYPE, true));
            session.send(queue, session.session().createMessage(Message.MAP_TYPE, true));
            ClientMessage half = session.session().createMessage(Message.BYTES_TYPE, true);
            half.putIntProperty("smtpdup_form", 1);
            half.putStringProperty("smtpdup_client_address", "no.such.host.example");
            half.putStringProperty("smtpdup_attempts", "many");
            half.getBodyBuffer().writeBytes(new byte[200_000]);
            session.send(queue, half);
        }

        relay.send("<a@b.example>", List.of("c@d.example"), HELLO.getBytes(StandardCharsets.UTF_8), "250");

        relay.backup(1).awaitMessages(1);
        await().untilAsserted(() -> assertThat(damaged(1)).isEqualTo(4));
    }

    @Test
    void canBeSeenExportedAndDeletedWithTheTools() throws Exception {
        relay.backup(1).on("DOT").times(2).reply("550 5.7.1 no");
        sendLarge("altered");
        sendLarge("emptied");
        await().until(() -> port.get("/spool/dead").get("copies").size() == 2);
        await().until(() -> files().size() == 2);
        relay.stop();
        alter(files().get(0), 100_000);
        Files.write(files().get(1), new byte[0]);
        relay.start();

        // The emptied one is found before anybody asks for it; the other is what it was until somebody reads it.
        await().untilAsserted(() -> assertThat(damaged(1)).isEqualTo(1));
        JsonNode copies = port.get("/spool/dead").get("copies");
        assertThat(copies).extracting(copy -> copy.get("state").asText()).containsExactlyInAnyOrder("dead", "damaged");
        assertThat(port.get("/observe/health").toString()).contains("1 damaged");

        assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isZero();
        copies = port.get("/spool/dead").get("copies");
        assertThat(copies).hasSize(2).allMatch(copy -> copy.get("state").asText().equals("damaged"));
        assertThat(copies).extracting(copy -> copy.at("/recipients/0").asText())
                .containsExactlyInAnyOrder("altered@d.example", "emptied@d.example");
        String name = copies.get(0).get("backup").asText();
        for (JsonNode copy : copies) {
            byte[] export = port.request("GET", "/spool/dead/export?backup=" + name + "&key=" + copy.get("id").asText(), null).body();
            String text = new String(export, StandardCharsets.US_ASCII);
            assertThat(text).contains("X-SMTP-Duplicator-Damage: ", "X-SMTP-Duplicator-Recipient: <another@d.example>");
            assertThat(text.length()).isBetween(100, 200_000);
            assertThat(port.request("POST", "/spool/replay?backup=" + name, export).statusCode()).isEqualTo(400);
        }

        assertThat(port.post("/spool/dead/delete?all=true").get("deleted").asInt()).isEqualTo(2);
        await().untilAsserted(() -> assertThat(damaged(1)).isZero());
        assertThat(relay.backup(1).messages()).isEmpty();
        assertThat(relay.backup(2).awaitMessages(2)).hasSize(2);
    }

    private static void replaceIn(Path directory, String text, String other) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String octets = Files.readString(file, StandardCharsets.ISO_8859_1);
                Files.writeString(file, octets.replace(text, other), StandardCharsets.ISO_8859_1);
            }
        }
    }

    private void assertOneLineEach(int count) {
        List<ILoggingEvent> errors = List.copyOf(log.list).stream().filter(event -> event.getLevel() == Level.ERROR).toList();
        assertThat(errors).extracting(ILoggingEvent::getMessage).containsOnly("damaged").hasSize(count);
        assertThat(errors).extracting(event -> String.valueOf(event.getKeyValuePairs())).doesNotHaveDuplicates()
                .allMatch(fields -> fields.matches("\\[id=\"[0-9A-Z]+\".*"));
    }

    private long damaged(int backup) {
        return relay.relay().spool().queue("damaged." + relay.backup(backup).address().replace(':', '-'))
                .map(QueueState::messages).orElse(-1L);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(relay.directory().resolve("spool/large-messages"))) {
            return files.sorted(Comparator.comparingLong(file -> Long.parseLong(file.getFileName().toString().replace(".msg", ""))))
                    .toList();
        }
    }

    private void sendLarge(String name) {
        relay.send("<a@b.example>", List.of(name + "@d.example", "another@d.example"), large(), "250");
    }

    private static byte[] large() {
        return ("Subject: large\r\n\r\n" + "0123456789abcdef\r\n".repeat(10_000)).getBytes(StandardCharsets.UTF_8);
    }

    private static void resize(Path file, long size) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(size);
        }
    }

    private static void alter(Path file, long offset) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(offset);
            int octet = open.read();
            open.seek(offset);
            open.write(octet ^ 1);
        }
    }
}
