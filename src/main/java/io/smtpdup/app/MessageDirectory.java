package io.smtpdup.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;

/**
 * Where one process keeps the mails that are too large for memory: a directory of its own below {@code messages}. Camel
 * deletes its directory when it stops, so a shared one would be deleted under a running relay by each {@code --check},
 * {@code --demo} or failed second start beside it.
 *
 * <p>A lock says that the owner lives. What a killed process left behind has none, and goes at the next start.
 */
final class MessageDirectory implements AutoCloseable {

    private static final String LOCK = ".lock";

    /** The system lets go of all locks of a process on a file as soon as the process closes it once, so that ours are never opened again. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;

    private final Path lockFile;

    private final FileChannel lock;

    private MessageDirectory(Path path, Path lockFile, FileChannel lock) {
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Makes a new directory below this one, and clears away those whose process is gone.
     *
     * @throws StartException when nothing can be written there
     */
    static MessageDirectory open(Path messages) {
        try {
            Path real = PrivateFiles.directory(messages).toRealPath();
            removeOrphans(real);
            String name = UUID.randomUUID().toString();
            Path lockFile = real.resolve(name + LOCK);
            OURS.add(lockFile);
            FileChannel lock = FileChannel.open(
                    lockFile, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PrivateFiles.file());
            if (lock.tryLock() == null) {
                lock.close();
                OURS.remove(lockFile);
                throw new IOException("somebody else holds " + lockFile);
            }
            return new MessageDirectory(PrivateFiles.directory(messages.resolve(name)), lockFile, lock);
        } catch (IOException e) {
            throw new StartException("spool.directory: cannot write to " + messages + ": " + e);
        }
    }

    Path path() {
        return path;
    }

    /** Deletes what is left; to be called when nothing reads or writes here any more. */
    @Override
    public void close() {
        try (lock) {
            delete(path);
            Files.deleteIfExists(lockFile);
        } catch (IOException ignored) {
            // the next start tries again
        }
        OURS.remove(lockFile);
    }

    private static void removeOrphans(Path messages) throws IOException {
        List<Path> locks;
        try (Stream<Path> files = Files.list(messages)) {
            locks = files.filter(file -> file.toString().endsWith(LOCK) && !OURS.contains(file)).toList();
        }
        for (Path lockFile : locks) {
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    String file = lockFile.toString();
                    delete(Path.of(file.substring(0, file.length() - LOCK.length())));
                    Files.deleteIfExists(lockFile);
                }
            } catch (IOException e) {
                // not ours to delete
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
