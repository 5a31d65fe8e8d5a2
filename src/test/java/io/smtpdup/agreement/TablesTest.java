package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TablesTest {

    private static final int DAY = 20_000;

    private static final AddressKey.Row ROW = new AddressKey.Row(17, 4);

    @TempDir
    Path directory;

    private final List<String> lines = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"too short", "full", "no rows"})
    void setsATableAsideThatIsDamagedAndBeginsAnew(String damage) throws IOException {
        byte[] damaged = switch (damage) {
            case "full" -> rows(1);
            case "no rows" -> rows(77);
            default -> new byte[17];
        };
        Files.write(directory.resolve("recipients-of-new.example-25"), damaged);
        Tables tables = new Tables(directory, lines::add, 4711);

        tables.note(Samples.BACKUP, ROW, DAY, false);
        tables.note(Samples.BACKUP, ROW, DAY + 1, true);

        assertThat(tables.of(Samples.BACKUP, DAY)).isEqualTo(new RecipientTable.Totals(1, 2, 1, 0));
        assertThat(directory.resolve("damaged-4711/recipients-of-new.example-25")).hasBinaryContent(damaged);
        assertThat(lines).singleElement().asString().contains("is damaged and was set aside");
        assertThat(tables.untracked(0)).as("what it had is missing").isEqualTo(1);
    }

    @Test
    void saysOnceThatATableCannotBeUsedAndGoesOnWithTheOthers() throws IOException {
        Path file = directory.resolve("recipients-known");
        Files.createSymbolicLink(file, file);
        Tables tables = new Tables(directory, lines::add, 4711);

        tables.noteKnown(ROW, DAY, "");
        tables.noteKnown(ROW, DAY, "");
        tables.note(Samples.BACKUP, ROW, DAY, false);
        assertThat(tables.of(Samples.BACKUP, DAY).recipients()).isEqualTo(1);
        assertThat(lines).singleElement().asString().contains("cannot be used");

        Files.delete(file);
        tables.noteKnown(ROW, DAY, "");
        assertThat(tables.known(DAY).recipients()).isEqualTo(1);
    }

    @Test
    void beginsAnewWithWhatWasMissingAndWithWhatWasSaid() throws IOException {
        Path file = directory.resolve("recipients-known");
        Files.createSymbolicLink(file, file);
        Tables tables = new Tables(directory, lines::add, 4711);
        tables.noteKnown(ROW, DAY, "");

        tables.startAnew();

        assertThat(tables.untracked(0)).isZero();
        tables.noteKnown(ROW, DAY, "");
        assertThat(tables.untracked(0)).isEqualTo(1);
        assertThat(lines).as("said again").hasSize(2);
    }

    @Test
    void staysAsItIsWhenItCannotBeWrittenAnew() throws IOException {
        Tables tables = new Tables(directory, lines::add, 4711);
        tables.note(Samples.BACKUP, ROW, DAY, false);
        Files.createDirectories(directory.resolve("recipients-of-new.example-25.new/in-the-way"));

        assertThat(tables.prune(DAY + 1)).isFalse();

        assertThat(tables.of(Samples.BACKUP, DAY)).isEqualTo(new RecipientTable.Totals(1, 1, 0, 1));
        assertThat(lines).singleElement().asString().contains("cannot be used");
    }

    /** Each slot with the same flags. */
    private static byte[] rows(int flags) {
        byte[] table = new byte[1_024 * RecipientTable.ROW];
        for (int at = 15; at < table.length; at += RecipientTable.ROW) {
            table[at] = (byte) flags;
        }
        return table;
    }
}
