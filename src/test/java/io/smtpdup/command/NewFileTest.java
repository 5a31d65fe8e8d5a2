package io.smtpdup.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A mail's file in a directory where others may have been before us. */
class NewFileTest {

    private static final byte[] MAIL = "Subject: x\r\n\r\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    @Test
    void isWholeAndPrivateAndAlone() throws IOException {
        write("ID.eml");

        assertThat(directory.resolve("ID.eml")).hasBinaryContent(MAIL);
        assertThat(Files.getPosixFilePermissions(directory.resolve("ID.eml"))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(names()).containsExactly("ID.eml");
    }

    @Test
    void leavesAFileThatHasTheNameAsItIs() throws IOException {
        Files.writeString(directory.resolve("ID.eml"), "mine");

        assertThatThrownBy(() -> write("ID.eml")).isInstanceOf(FileAlreadyExistsException.class);

        assertThat(directory.resolve("ID.eml")).hasContent("mine");
        assertThat(names()).containsExactly("ID.eml");
    }

    @Test
    void followsNoLinkThatHasTheName() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.createSymbolicLink(directory.resolve("there.eml"), victim);
        Files.createSymbolicLink(directory.resolve("nowhere.eml"), directory.resolve("made"));
        Files.createDirectory(directory.resolve("directory.eml"));

        for (String name : List.of("there.eml", "nowhere.eml", "directory.eml")) {
            assertThatThrownBy(() -> write(name)).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(NewFile.isTaken(directory.resolve(name))).isTrue();
        }

        assertThat(victim).hasContent("mine");
        assertThat(directory.resolve("made")).doesNotExist();
    }

    @Test
    void takesNothingThatWasPreparedUnderTheNameOfAPart() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.writeString(directory.resolve("stale.eml.part"), "stale and longer than the mail will ever be");
        Files.createSymbolicLink(directory.resolve("ID.eml.part"), victim);

        write("stale.eml");
        write("ID.eml");

        assertThat(directory.resolve("stale.eml")).hasBinaryContent(MAIL);
        assertThat(directory.resolve("ID.eml")).hasBinaryContent(MAIL);
        assertThat(victim).hasContent("mine");
        assertThat(Files.exists(directory.resolve("ID.eml.part"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void leavesNothingWhenItIsNotWhole() throws IOException {
        assertThatThrownBy(() -> NewFile.write(directory.resolve("ID.eml"), out -> {
            out.write(MAIL);
            throw new IOException("broken off");
        })).hasMessage("broken off");

        assertThat(names()).isEmpty();
    }

    private void write(String name) throws IOException {
        NewFile.write(directory.resolve(name), out -> out.write(MAIL));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
