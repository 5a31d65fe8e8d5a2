package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolDirectoryTest {

    @TempDir
    private Path path;

    @Test
    void refusesAMessageThatWouldFillTheDisk() {
        SpoolDirectory directory = new SpoolDirectory(path);

        assertThatCode(() -> directory.requireRoom(10_000)).doesNotThrowAnyException();
        assertThatThrownBy(() -> directory.requireRoom(path.toFile().getTotalSpace())).isInstanceOf(IOException.class)
                .hasMessageContaining("has only").hasMessageContaining(path.toString());
    }

    @Test
    void belongsToOneAtATime() {
        try (SpoolDirectory first = new SpoolDirectory(path); SpoolDirectory second = new SpoolDirectory(path)) {
            first.open();
            assertThatThrownBy(second::open).isInstanceOf(SpoolException.class).hasMessageContaining("in use by another relay");

            first.close();
            assertThatCode(second::open).doesNotThrowAnyException();
        }
    }
}
