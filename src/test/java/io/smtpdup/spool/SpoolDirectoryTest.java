package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

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
    void looksForEachMailWhereADiskCouldSoonBeFull() {
        AtomicLong free = new AtomicLong(1L << 29);
        AtomicInteger looks = new AtomicInteger();
        SpoolDirectory directory = new SpoolDirectory(path, 32 << 20, new File(path.toString()) {

            @Override
            public long getUsableSpace() {
                looks.incrementAndGet();
                return free.get();
            }

            @Override
            public long getTotalSpace() {
                return 1L << 40;
            }
        });
        assertThatCode(() -> directory.requireRoom(10_000)).doesNotThrowAnyException();

        free.set(32 << 20);
        assertThatThrownBy(() -> directory.requireRoom(10_000)).hasMessageContaining("32.0 MB left");
        assertThat(directory.hasAmpleRoom(0)).isFalse();

        free.set(1L << 39);
        assertThat(directory.hasAmpleRoom(0)).isTrue();
        int before = looks.get();
        for (int mail = 0; mail < 1_000; mail++) {
            directory.hasAmpleRoom(0);
        }
        assertThat(looks.get() - before).as("of a disk with plenty of room").isLessThan(1_000);
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

    @Test
    void isOpenToNobodyElse() throws IOException {
        Path spool = path.resolve("var/spool");

        try (SpoolDirectory directory = new SpoolDirectory(spool)) {
            directory.open();
            Files.writeString(spool.resolve("journal/made-by-the-broker"), "mail");
            directory.closeNewFiles();
        }

        assertThat(modes(path.resolve("var"))).isEqualTo("rwx------");
        assertAllPrivateIn(spool);
    }

    @Test
    void closesWhatWasOpen() throws IOException {
        Path spool = Files.createDirectories(path.resolve("spool/large-messages"));
        Files.createDirectories(path.resolve("spool/messages/x"));
        Files.writeString(spool.resolve("1.msg"), "mail");
        Files.writeString(path.resolve("victim"), "mine");
        Files.setPosixFilePermissions(path.resolve("victim"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createSymbolicLink(spool.resolve("2.msg"), path.resolve("victim"));
        Files.setPosixFilePermissions(spool.resolve("1.msg"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setPosixFilePermissions(path.resolve("spool"), PosixFilePermissions.fromString("rwxrwxrwx"));

        try (SpoolDirectory directory = new SpoolDirectory(path.resolve("spool"))) {
            directory.open();
        }

        assertAllPrivateIn(path.resolve("spool"));
        assertThat(modes(path.resolve("victim"))).isEqualTo("rw-rw-rw-");
    }

    @Test
    void leavesADirectoryOpenThatOthersNeedAndClosesItsOwnParts() throws IOException {
        Path shared = Files.createDirectories(path.resolve("shared"));
        Files.writeString(shared.resolve("of-somebody-else"), "x");
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));

        try (SpoolDirectory directory = new SpoolDirectory(shared)) {
            directory.open();
        }

        assertThat(modes(shared)).isEqualTo("rwxr-xr-x");
        assertThat(modes(shared.resolve("journal"))).isEqualTo("rwx------");
        assertThat(modes(shared.resolve("lock"))).isEqualTo("rw-------");
    }

    private static void assertAllPrivateIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(file -> !Files.isSymbolicLink(file))).allSatisfy(file -> assertThat(modes(file)).as(file.toString())
                    .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------"));
        }
    }

    private static String modes(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
