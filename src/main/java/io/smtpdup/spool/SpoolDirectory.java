package io.smtpdup.spool;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of the spool, held by at most one relay at a time. Two brokers on one journal would destroy it, and the
 * broker's own lock makes the second one wait without a word instead of saying what is wrong.
 */
final class SpoolDirectory implements AutoCloseable {

    private static final String LOCK = "lock";

    /** What stays free unless an operator has other wishes. */
    static final long USUAL_RESERVE = 32 << 20;

    private static final int LARGEST_PART_OF_DISK = 4;

    /** Others may be writing a message of this size at the same time. */
    private static final int ROOM_FACTOR = 4;

    private final Path path;

    private final long minFree;

    private FileChannel lock;

    SpoolDirectory(Path path) {
        this(path, USUAL_RESERVE);
    }

    /**
     * @param minFree octets of the disk that stay free, but no more than a quarter of it. A broker that meets the end of the
     *     disk closes, and has then told some senders that their message was kept when it was not; it also needs room to take
     *     messages out
     */
    SpoolDirectory(Path path, long minFree) {
        this.path = path;
        this.minFree = minFree;
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
            Files.createDirectories(path);
            lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
     * Makes sure that a message can be kept, and the broker has room left to work.
     *
     * @param octets of the message
     * @throws IOException when the disk is as good as full
     */
    void requireRoom(long octets) throws IOException {
        long free = path.toFile().getUsableSpace();
        long needed = reserve() + ROOM_FACTOR * octets;
        if (free < needed) {
            throw new IOException("the disk of spool.directory " + path + " has " + megabytes(free) + " MB left, "
                    + megabytes(needed) + " MB are needed (spool.min_free)");
        }
    }

    /** As {@link #requireRoom}, but with a reserve twice as large: for mails that have not begun yet. */
    boolean hasAmpleRoom(long octets) {
        return path.toFile().getUsableSpace() >= 2 * reserve() + ROOM_FACTOR * octets;
    }

    /** Octets of the whole disk; 0 when the directory is not there yet. */
    long diskSize() {
        return path.toFile().getTotalSpace();
    }

    /** Octets of the disk that are free. */
    long free() {
        return path.toFile().getUsableSpace();
    }

    /** Octets of the files right below one part of it. */
    long size(String part) {
        File[] files = path.resolve(part).toFile().listFiles();
        return files == null ? 0 : Stream.of(files).mapToLong(File::length).sum();
    }

    private long reserve() {
        return Math.min(minFree, diskSize() / LARGEST_PART_OF_DISK);
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
