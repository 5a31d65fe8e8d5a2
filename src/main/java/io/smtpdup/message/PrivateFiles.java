package io.smtpdup.message;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files with mails in them, which nobody but the relay's own user may read, whatever the process was started with. Links are
 * never followed.
 */
public final class PrivateFiles {

    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private PrivateFiles() {
    }

    /** For a file that is made. */
    public static FileAttribute<?> file() {
        return PosixFilePermissions.asFileAttribute(FILE);
    }

    /** What a file has in it. */
    @FunctionalInterface
    public interface Content {

        void writeTo(OutputStream out) throws IOException;
    }

    /** Makes a file that is on the disk on return; that its name is too, {@link #sync} sees to. */
    public static void write(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), file())) {
            content.writeTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    /** Puts the names of a directory's files on the disk. */
    public static void sync(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Makes a directory and those above it when missing; what is there stays as it is. */
    public static Path directory(Path path) throws IOException {
        return Files.isDirectory(path) ? path : Files.createDirectories(path, PosixFilePermissions.asFileAttribute(DIRECTORY));
    }

    /** Whether others may look into a directory, their group's members included when the directory is ours. */
    public static boolean isOpen(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        boolean group = permissions.contains(PosixFilePermission.GROUP_READ) || permissions.contains(PosixFilePermission.GROUP_EXECUTE);
        boolean others = permissions.contains(PosixFilePermission.OTHERS_READ) || permissions.contains(PosixFilePermission.OTHERS_EXECUTE);
        return others || group && isOurs(directory);
    }

    /** Whether the directory is our user's, so that we may close it. */
    public static boolean isOurs(Path directory) throws IOException {
        String user = System.getProperty("user.name");
        return Files.getOwner(directory).getName().equals(user);
    }

    /** Closes a directory to everybody else. */
    public static void close(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, DIRECTORY);
    }

    /** Closes a file to everybody else, and opens it to our user. */
    public static void closeToOthers(Path file) throws IOException {
        Files.setPosixFilePermissions(file, FILE);
    }

    /**
     * Closes everything below a directory to everybody else. What vanishes meanwhile, or is not ours, stays as it is.
     *
     * @return how many files and directories were open
     */
    public static int closeAllBelow(Path directory) throws IOException {
        int[] closed = new int[1];
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                if (!path.equals(directory)) {
                    close(path, DIRECTORY);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    close(path, FILE);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException failure) {
                return FileVisitResult.CONTINUE;
            }

            private void close(Path path, Set<PosixFilePermission> wanted) {
                try {
                    Set<PosixFilePermission> permissions =
                            Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS).permissions();
                    EnumSet<PosixFilePermission> beyond = EnumSet.noneOf(PosixFilePermission.class);
                    beyond.addAll(permissions);
                    beyond.removeAll(DIRECTORY);
                    if (!beyond.isEmpty()) {
                        Files.setPosixFilePermissions(path, wanted);
                        closed[0]++;
                    }
                } catch (IOException e) {
                    // it is gone, or somebody else's
                }
            }
        });
        return closed[0];
    }
}
