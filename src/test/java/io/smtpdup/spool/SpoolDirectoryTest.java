package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
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
                .hasMessageContaining("MB left").hasMessageContaining(path.toString());
    }

    @Test
    void admitsNewMailsOnlyWithMoreRoomThanTheCopiesOfThoseUnderWayNeed() {
        long free = path.toFile().getUsableSpace();
        SpoolDirectory directory = new SpoolDirectory(path, Math.min(free / 3, path.toFile().getTotalSpace() / 4));

        assertThat(directory.hasAmpleRoom(0)).isTrue();
        long octets = free / 8; // four times that and the reserve fit, the reserve twice does not
        assertThatCode(() -> directory.requireRoom(octets)).doesNotThrowAnyException();
        assertThat(directory.hasAmpleRoom(octets)).isFalse();
    }

    @Test
    void leavesThreeQuartersOfASmallDiskForCopies() {
        SpoolDirectory directory = new SpoolDirectory(path, Long.MAX_VALUE);

        // How full this machine's disk is, is not ours to choose.
        boolean quarterFree = path.toFile().getUsableSpace() > path.toFile().getTotalSpace() / 4;
        if (quarterFree) {
            assertThatCode(() -> directory.requireRoom(0)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> directory.requireRoom(0)).isInstanceOf(IOException.class);
        }
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
