package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** What is remembered of backups and mails is not lost with a file that cannot be read for a moment, or not as a whole. */
class KeptHistoryTest extends AgreementRelay {

    @Test
    void addsWhatCouldNotBeReadForAMoment() throws IOException {
        mail();
        port.get("/agreement");
        relay.stop();
        String history = history(3);
        Files.writeString(file("history"), history);
        hide("history");
        hide("servers");
        relay.start();
        mail();

        assertThat(loops()).isZero();
        assertThat(mails()).isEqualTo(1);
        assertThat(file("history")).isSymbolicLink();
        assertThat(file("servers")).isSymbolicLink();
        show("history");
        show("servers");

        assertThat(loops()).isEqualTo(3);
        assertThat(mails()).isEqualTo(2);
        relay.stop();
        assertThat(file("servers")).content().contains("\"mails\":2");
        assertThat(file("history")).hasContent(history.strip());
    }

    @Test
    void hasAMarkHoldForWhatCannotBeRead() throws IOException {
        relay.stop();
        Files.writeString(file("history"), history(3));
        hide("history");
        relay.start();

        port.post("/agreement/mark?reason=no+loop+any+more");
        show("history");

        assertThat(loops()).isZero();
    }

    @Test
    void setsAsideWhatMakesNoSense() throws IOException {
        relay.stop();
        Files.writeString(file("history"), history(3) + "what is this\n");
        Files.writeString(file("servers"), "{\"servers\": {\"x\": 1");
        relay.start();

        assertThat(loops()).as("nothing, or all").isZero();
        assertThat(file("history.damaged")).content().endsWith("what is this\n");
        assertThat(file("servers.damaged")).hasContent("{\"servers\": {\"x\": 1");
    }

    @Test
    void readsWhatALaterVersionHasWritten() throws IOException {
        mail();
        relay.stop();
        String written = Files.readString(file("servers"));
        Files.writeString(file("servers"), written.replace("\"mails\"", "\"colour\":\"red\",\"mails\"").replaceFirst("\\{", "{\"more\":[1],"));
        Files.writeString(file("history"), history(3).replace("\n", " 7 8\n"));
        relay.start();

        assertThat(mails()).isEqualTo(1);
        assertThat(loops()).isEqualTo(3);
    }

    private Path file(String name) {
        return relay.directory().resolve("spool/agreement").resolve(name);
    }

    /** A link to itself can be opened by nobody, whoever runs the tests. */
    private void hide(String name) throws IOException {
        Files.move(file(name), file(name + ".hidden"));
        Files.createSymbolicLink(file(name), Path.of(name));
    }

    /** Unless there is another by now. */
    private void show(String name) throws IOException {
        if (Files.isSymbolicLink(file(name))) {
            Files.delete(file(name));
            Files.move(file(name + ".hidden"), file(name));
        }
    }

    private String history(int loops) {
        return name() + " " + Instant.now().getEpochSecond() / 3600 + " 0 0 0 " + loops + " 0\n";
    }

    private long loops() {
        return backup().at("/evidence/circumstances/loops").asLong(-1);
    }

    private long mails() {
        return backup().at("/seen/mails").asLong(0);
    }

    private JsonNode backup() {
        return port.get("/agreement").at("/backups/0");
    }

    private void mail() {
        int before = relay.backup(1).messages().size();
        relay.send("<a@b.example>", List.of("c@d.example"), SteeredRelay.HELLO, "250");
        relay.backup(1).awaitMessages(before + 1);
    }
}
