package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipientTableTest {

    private static final int DAY = 20_000;

    @TempDir
    Path directory;

    @Test
    void countsDistinctRecipientsAndDays() throws IOException {
        RecipientTable table = open();
        table.note(row(1), DAY, false);
        table.note(row(1), DAY, false);
        table.note(row(1), DAY + 2, true);
        table.note(row(2), DAY + 2, false);
        table.note(row(1), DAY + 1, false);

        assertThat(table.totals(DAY)).isEqualTo(new RecipientTable.Totals(2, 4, 1, 1));
        assertThat(table.totals(DAY + 1)).isEqualTo(new RecipientTable.Totals(2, 3, 1, 1));
        assertThat(table.totals(DAY + 3)).isEqualTo(RecipientTable.Totals.NONE);
    }

    @Test
    void takesADisagreementBack() throws IOException {
        RecipientTable table = open();
        table.note(row(1), DAY, true);
        table.note(row(1), DAY + 5, true);
        table.takeBack(row(1), DAY);
        table.takeBack(row(3), DAY);

        assertThat(table.totals(DAY)).isEqualTo(new RecipientTable.Totals(1, 2, 1, 0));
    }

    @Test
    void isTheSameWhenTheSameIsNotedAgain() throws IOException {
        RecipientTable table = open();
        for (int again = 0; again < 2; again++) {
            table.note(row(1), DAY, true);
            table.takeBack(row(1), DAY);
            table.note(row(1), DAY + 1, true);
        }

        assertThat(table.totals(DAY)).isEqualTo(new RecipientTable.Totals(1, 2, 1, 0));
    }

    @Test
    void growsAndIsReadAgain() throws IOException {
        int many = 5_000;
        RecipientTable table = open();
        for (int i = 0; i < many; i++) {
            assertThat(table.note(row(i), DAY, i % 10 == 0)).isEqualTo(RecipientTable.Noted.NEW);
        }

        table = open();
        assertThat(table.rows()).isEqualTo(many);
        assertThat(table.totals(DAY)).isEqualTo(new RecipientTable.Totals(many, many, many / 10, many));
        for (int i = 0; i < many; i++) {
            assertThat(table.has(row(i))).isTrue();
        }
        assertThat(table.has(row(many))).isFalse();
        assertThat(directory.resolve("rows").toFile().length()).isEqualTo(8_192L * RecipientTable.ROW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("rows")))).isEqualTo("rw-------");
    }

    @Test
    void forgetsOneAndKeepsItsNeighbours() throws IOException {
        RecipientTable table = open();
        for (int i = 0; i < 600; i++) {
            table.note(row(i), DAY, false);
        }

        assertThat(table.forget(row(300))).isTrue();
        assertThat(table.forget(row(300))).isFalse();

        assertThat(table.rows()).isEqualTo(599);
        for (int i = 0; i < 600; i++) {
            assertThat(table.has(row(i))).isEqualTo(i != 300);
        }
    }

    @Test
    void forgetsWhatIsOldOnceItIsWorthIt() throws IOException {
        RecipientTable table = open();
        for (int i = 0; i < 100; i++) {
            table.note(row(i), i < 20 ? DAY : DAY + 10, false);
        }

        assertThat(table.prune(DAY)).isFalse();
        assertThat(table.prune(DAY + 1)).isTrue();
        assertThat(table.rows()).isEqualTo(80);
    }

    @Test
    void refusesAFileThatIsNone() throws IOException {
        Files.writeString(directory.resolve("rows"), "hello");

        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("not a table of recipients");
    }

    private RecipientTable open() throws IOException {
        return RecipientTable.open(directory.resolve("rows"));
    }

    /** Many of them want the same place. */
    private static AddressKey.Row row(int number) {
        return new AddressKey.Row(((long) number << 40) | number % 50, number);
    }
}
