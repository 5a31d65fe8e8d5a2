package io.smtpdup.cutover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Who was the primary since when and why. */
class PrimaryHistoryTest {

    private static final Instant NOW = Instant.parse("2026-11-30T08:00:00Z");

    @TempDir
    private Path directory;

    private PrimaryHistory at(Instant time) {
        return new PrimaryHistory(directory.resolve("cutover"), Clock.fixed(time, ZoneOffset.UTC));
    }

    private static Turn plan(String primary, Turn.How how, Instant at) {
        return new Turn(primary, at.toString(), "old:25", how, "it is time", "ready", "rate=60");
    }

    @Test
    void knowsTheFirstOneAndSaysNothingOfIt() {
        Turn first = at(NOW).follow("old:25");

        assertThat(first).isNotNull();
        assertThat(first.before()).isNull();
        assertThat(first.how()).isEqualTo(Turn.How.FIRST);
        assertThat(at(NOW.plusSeconds(5)).follow("old:25")).isNull();
        assertThat(at(NOW).current()).isEqualTo(first);
    }

    @Test
    void tellsAPlannedSwitchFromOneByTheSettingsAlsoAfterARestart() {
        at(NOW).follow("old:25");
        at(NOW).plan(plan("new:25", Turn.How.CUTOVER, NOW));

        assertThat(at(NOW.plusSeconds(9)).follow("new:25")).isEqualTo(
                new Turn("new:25", "2026-11-30T08:00:09Z", "old:25", Turn.How.CUTOVER, "it is time", "ready", "rate=60"));
        assertThat(at(NOW.plusSeconds(99)).planned()).isNull();
        assertThat(at(NOW.plusSeconds(99)).follow("old:25")).extracting(Turn::how, Turn::before)
                .containsExactly(Turn.How.SETTINGS, "new:25");
        assertThat(at(NOW).turns()).extracting(Turn::primary).containsExactly("old:25", "new:25", "old:25");
    }

    @Test
    void aPlanIsForOneServerAndOneDay() {
        at(NOW).follow("old:25");
        at(NOW).plan(plan("new:25", Turn.How.CUTOVER, NOW));
        assertThat(at(NOW).follow("third:25")).extracting(Turn::how).isEqualTo(Turn.How.SETTINGS);

        at(NOW).plan(plan("new:25", Turn.How.CUTOVER, NOW));
        assertThat(at(NOW.plus(Duration.ofDays(2))).follow("new:25")).extracting(Turn::how).isEqualTo(Turn.How.SETTINGS);

        at(NOW).plan(plan("old:25", Turn.How.ROLLBACK, NOW));
        PrimaryHistory history = at(NOW);
        history.drop();
        assertThat(at(NOW).planned()).isNull();
    }

    @Test
    void keepsSoMany() {
        PrimaryHistory history = at(NOW);
        for (int i = 0; i < 250; i++) {
            history.follow("server" + i + ":25");
        }

        assertThat(at(NOW).turns()).hasSize(100).last().extracting(Turn::primary).isEqualTo("server249:25");
    }

    @Test
    void doesNotWriteOverAFileThatCannotBeOpenedForTheMoment() throws IOException {
        at(NOW).follow("old:25");
        at(NOW).plan(plan("new:25", Turn.How.CUTOVER, NOW));
        Path file = directory.resolve("cutover/history.json");
        Path away = Files.move(file, directory.resolve("away.json"));
        Files.createSymbolicLink(file, file); // which the system refuses to open

        PrimaryHistory history = at(NOW.plusSeconds(9));

        assertThat(history.follow("new:25")).extracting(Turn::primary).isEqualTo("new:25");
        assertThat(history.current()).extracting(Turn::how).isEqualTo(Turn.How.FIRST);
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> history.plan(plan("third:25", Turn.How.CUTOVER, NOW)));
        assertThat(Files.isSymbolicLink(file)).isTrue();

        Files.delete(file);
        Files.move(away, file);

        assertThat(history.turns()).extracting(Turn::primary).containsExactly("old:25", "new:25");
        assertThat(history.current()).extracting(Turn::how, Turn::reason).containsExactly(Turn.How.CUTOVER, "it is time");
        assertThat(at(NOW).turns()).hasSize(2);
    }

    @Test
    void beginsAnewWhereTheFileMakesNoSense() throws IOException {
        Path file = Files.createDirectories(directory.resolve("cutover")).resolve("history.json");
        for (String text : new String[] {"", "{", "null", "[]", "{\"turns\":null}", "{\"turns\":[null]}", "{\"turns\":[{\"since\":\"x\"}]}"}) {
            Files.writeString(file, text);

            assertThat(at(NOW).follow("new:25")).as(text).isNotNull();
            assertThat(file.resolveSibling("history.damaged")).hasContent(text);
            assertThat(at(NOW).current()).as(text).extracting(Turn::primary).isEqualTo("new:25");
        }
    }
}
