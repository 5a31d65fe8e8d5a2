package io.smtpdup.command;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

import io.smtpdup.message.PrivateFiles;

/**
 * A file with a mail in it, which only its owner may read. It has its name when it is whole and on the disk, never before;
 * what has that name already, a link too, stays as it is. In a directory where others may write, nothing they have prepared
 * is written to or followed.
 */
final class NewFile {

    private NewFile() {
    }

    /** Whether anything has that name, be it a link to nowhere. */
    static boolean isTaken(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Makes the file.
     *
     * @throws FileAlreadyExistsException when the name is taken; nothing is changed then
     */
    static void write(Path path, PrivateFiles.Content content) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Path part = directory.resolve("." + path.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            PrivateFiles.write(part, content);
            name(part, path);
        } finally {
            Files.deleteIfExists(part);
        }
        PrivateFiles.sync(directory);
    }

    /** A second name, which fails when it is taken, where a move would overwrite; where there are none, the name is taken first. */
    private static void name(Path part, Path path) throws IOException {
        try {
            Files.createLink(path, part);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.createFile(path, PrivateFiles.file());
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
