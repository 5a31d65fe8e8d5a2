package io.smtpdup.spool;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of the spool, held by at most one relay at a time. Two brokers on one journal would destroy it, and the
 * broker's own lock makes the second one wait without a word instead of saying what is wrong.
 */
final class SpoolDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);

    private static final String LOCK = "lock";

    /** Made when there is something to put into it. */
    static final String DAMAGED = "damaged";

    /** Copies that their queues did not take. */
    static final String OVERFLOW = "overflow";

    /** Of the room agreement, which this directory's lock keeps for one process as well. */
    private static final String AGREEMENT = "agreement";

    /** Of the room cutover. */
    private static final String CUTOVER = "cutover";

    /** What the relay makes in it. */
    private static final Set<String> PARTS =
            Set.of("journal", "bindings", "large-messages", "paging", "messages", OVERFLOW, DAMAGED, AGREEMENT, CUTOVER);

    /** Those that are there only when something is in them. */
    private static final Set<String> NOT_ALWAYS_THERE = Set.of(DAMAGED, AGREEMENT, CUTOVER);

    /** What stays free unless an operator has other wishes. */
    static final long USUAL_RESERVE = 32 << 20;

    private static final int LARGEST_PART_OF_DISK = 4;

    /** Others may be writing a message of this size at the same time. */
    private static final int ROOM_FACTOR = 4;

    /** Free beyond what is asked for, so that a disk cannot fill within {@link #A_MOMENT_NANOS}: below it each mail looks. */
    private static final long PLENTY = 1L << 30;

    private static final long A_MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path path;

    private final long minFree;

    private final File disk;

    private FileChannel lock;

    /** What the disk was when there was plenty of room; null before. */
    private volatile Room seen;

    /** Whether the process was started in a way that makes files which others can read. */
    private volatile boolean opensFiles;

    SpoolDirectory(Path path) {
        this(path, USUAL_RESERVE);
    }

    /**
     * @param minFree octets of the disk that stay free, but no more than a quarter of it. A broker that meets the end of the
     *     disk closes, and has then told some senders that their message was kept when it was not; it also needs room to take
     *     messages out
     */
    SpoolDirectory(Path path, long minFree) {
        this(path, minFree, path.toFile());
    }

    /** @param disk what tells of its room */
    SpoolDirectory(Path path, long minFree, File disk) {
        this.path = path;
        this.minFree = minFree;
        this.disk = disk;
    }

    Path resolve(String part) {
        return path.resolve(part);
    }

    /**
     * Makes the directory when it is missing, and takes it for this process.
     *
     * @throws SpoolException when it cannot be written, or another relay has it
     */
    void open() {
        try {
            PrivateFiles.directory(path);
            keepOthersOut();
            lock = FileChannel.open(path.resolve(LOCK),
                    EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFiles.file());
            if (!isLocked()) {
                close();
                throw new SpoolException("spool.directory " + path + " is in use by another relay");
            }
        } catch (IOException e) {
            close();
            throw new SpoolException("spool.directory " + path + " cannot be written: " + e);
        }
    }

    /**
     * What was made before, or by hand, may be open to everybody on this machine. A directory that is not the spool's alone
     * stays as it is: it could be one that others need.
     */
    private void keepOthersOut() throws IOException {
        for (String part : PARTS) {
            if (!NOT_ALWAYS_THERE.contains(part)) {
                PrivateFiles.directory(path.resolve(part));
            }
        }
        if (PrivateFiles.isOpen(path)) {
            try (Stream<Path> files = Files.list(path)) {
                boolean alone = files.map(file -> file.getFileName().toString()).allMatch(name -> PARTS.contains(name) || name.equals(LOCK));
                if (alone && PrivateFiles.isOurs(path)) {
                    PrivateFiles.close(path);
                    LOG.warn("spool.directory {} could be read by others; now it is for this user only (mode 700)", path);
                } else {
                    LOG.warn("spool.directory {} can be read by others (mode {}); its files and directories cannot", path,
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                }
            }
        }
        opensFiles = true;
        closeNewFiles();
        opensFiles = opensFiles();
    }

    /** Whether a file that does not say who may read it can be read by others: Java knows no other way to ask for the umask. */
    private boolean opensFiles() throws IOException {
        Path probe = path.resolve("messages").resolve("probe-" + UUID.randomUUID());
        Files.createFile(probe);
        boolean open = PrivateFiles.closeAllBelow(probe) > 0;
        Files.delete(probe);
        return open;
    }

    /** Closes what was made with the modes that the process was started with, as the broker and Camel do. */
    void closeNewFiles() {
        if (!opensFiles) {
            return;
        }
        for (String part : PARTS) {
            try {
                PrivateFiles.closeAllBelow(path.resolve(part));
                if (PrivateFiles.isOurs(path.resolve(part))) {
                    PrivateFiles.close(path.resolve(part));
                }
            } catch (IOException e) {
                LOG.debug("{} stays as it is", path.resolve(part), e);
            }
        }
    }

    /** A disk: octets free and in all, and when that was, by the system's monotonic clock. */
    private record Room(long free, long total, long nanos) {
    }

    /** How the disk is now; where nothing can fill it so quickly, how it was a moment ago. */
    private Room room() {
        Room last = seen;
        if (last == null || System.nanoTime() - last.nanos > A_MOMENT_NANOS) {
            last = new Room(disk.getUsableSpace(), disk.getTotalSpace(), System.nanoTime());
            seen = last.free > 2 * reserve(last) + PLENTY ? last : null;
        }
        return last;
    }

    /**
     * Makes sure that a message can be kept, and the broker has room left to work.
     *
     * @param octets of the message
     * @throws IOException when the disk is as good as full
     */
    void requireRoom(long octets) throws IOException {
        Room room = room();
        long free = room.free;
        long needed = reserve(room) + ROOM_FACTOR * octets;
        if (free < needed) {
            throw new IOException("the disk of spool.directory " + path + " has " + megabytes(free) + " MB left, "
                    + megabytes(needed) + " MB are needed (spool.min_free)");
        }
    }

    /** As {@link #requireRoom}, but with a reserve twice as large: for mails that have not begun yet. */
    boolean hasAmpleRoom(long octets) {
        Room room = room();
        return room.free >= 2 * reserve(room) + ROOM_FACTOR * octets;
    }

    /** Octets of the whole disk; 0 when the directory is not there yet. */
    long diskSize() {
        return disk.getTotalSpace();
    }

    /** Octets of the disk that are free. */
    long free() {
        return disk.getUsableSpace();
    }

    /** Octets of the files right below one part of it. */
    long size(String part) {
        File[] files = path.resolve(part).toFile().listFiles();
        return files == null ? 0 : Stream.of(files).mapToLong(File::length).sum();
    }

    private long reserve(Room room) {
        return Math.min(minFree, room.total / LARGEST_PART_OF_DISK);
    }

    private static String megabytes(long octets) {
        return String.format(Locale.ROOT, "%.1f", octets / (double) (1 << 20));
    }

    /** Why not even a small mail can be kept; empty when it can. */
    Optional<String> problem() {
        try {
            requireRoom(0);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private boolean isLocked() throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another relay in this very process
        }
    }

    /** Gives the directory up. The lock's file stays: removing it would let two relays lock two files of one name. */
    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException ignored) {
            // the system takes the lock back with the process
        }
        lock = null;
    }
}
