package io.smtpdup.agreement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Predicate;

import io.smtpdup.message.PrivateFiles;

/**
 * A row for each recipient in a file: on which days it was compared, and on which of them the servers disagreed. A hash table of
 * rows of {@value #ROW} octets that do not cross a page, mapped into memory and so none of the heap's: the system has it, also when this
 * process is killed. What is written once or twice is the same, so that the journal can be read over it again. All of the file is
 * written when it is made, because a full disk must show then and not at a row. For one thread.
 */
final class RecipientTable {

    /** How many recipients have a row; those beyond are not told apart. */
    static final int MOST = 1_400_000;

    static final int ROW = 32;

    private static final int FLAGS = 14;

    private static final int SMALLEST = 1 << 10;

    private static final int LARGEST = 1 << 21;

    /** What is said of a slot: there is a row in it. */
    private static final int USED = 1;

    /** Its address is in the list of addresses. */
    private static final int LISTED = 2;

    private static final int BLOCK = 1 << 16;

    private final Path file;

    /** What was noted lately, so that a busy mailbox costs no look into the file. */
    private final long[] latest = new long[1 << 12];

    private MappedByteBuffer table;

    private int capacity;

    private int rows;

    /** The table could not grow, and is not asked to again. */
    private boolean narrow;

    /** What the rows come to. */
    record Totals(int recipients, long days, long disagreed, int once) {

        static final Totals NONE = new Totals(0, 0, 0, 0);
    }

    /** A file that is none of these, or not whole. */
    static final class NoTableException extends IOException {

        private static final long serialVersionUID = 1L;

        NoTableException(Path file) {
            super(file.getFileName() + " is not a table of recipients");
        }
    }

    private RecipientTable(Path file, MappedByteBuffer table) {
        this.file = file;
        this.table = table;
        capacity = table.capacity() / ROW;
        rows = scan(row -> true);
    }

    /**
     * @throws NoTableException when it is none, or not whole
     * @throws IOException when it cannot be read
     */
    static RecipientTable open(Path file) throws IOException {
        if (Files.notExists(file)) {
            create(half(file), SMALLEST);
            Files.move(half(file), file, StandardCopyOption.ATOMIC_MOVE);
        }
        long size = Files.size(file);
        if (size < SMALLEST * ROW || size > (long) LARGEST * ROW || Long.bitCount(size) != 1) {
            throw new NoTableException(file);
        }
        RecipientTable table = new RecipientTable(file, map(file));
        if (table.rows > table.room() || !table.hasOnlyRows()) {
            throw new NoTableException(file);
        }
        return table;
    }

    /** So many rows may be in it: a search ends at a free slot. */
    private int room() {
        return Math.min(MOST, capacity / 10 * 9);
    }

    private boolean hasOnlyRows() {
        for (int slot = 0; slot < capacity; slot++) {
            int flags = table.getShort(slot * ROW + FLAGS);
            if (flags != 0 && flags != USED && flags != (USED | LISTED)) {
                return false;
            }
        }
        return true;
    }

    /** What a note came to. */
    enum Noted {
        /** The recipient has its row since now. */
        NEW,
        KNOWN,
        /** There is no room for one more row. */
        FULL
    }

    /** Notes that a recipient was compared. */
    Noted note(AddressKey.Row key, int day, boolean disagreed) throws IOException {
        long mark = (key.high() ^ key.low()) * 31 + day;
        int place = (int) (mark & (latest.length - 1));
        if (!disagreed && latest[place] == mark) {
            return Noted.KNOWN;
        }
        int slot = find(key);
        if (slot < 0) {
            if (rows >= room()) {
                return Noted.FULL;
            }
            if (rows >= capacity / 3 * 2 && capacity < LARGEST && !narrow) {
                grow();
                slot = find(key);
            }
            write(-slot - 1, new RecipientRow(key.high(), key.low(), day, 1, disagreed ? 1 : 0, false));
            rows++;
            latest[place] = mark;
            return Noted.NEW;
        }
        RecipientRow row = read(table, slot);
        RecipientRow after = row.with(day, disagreed);
        if (!after.equals(row)) {
            write(slot, after);
        }
        latest[place] = mark;
        return Noted.KNOWN;
    }

    /** Whether a recipient has a row, and its address is not listed yet. */
    boolean isUnlisted(AddressKey.Row key) {
        int slot = find(key);
        return slot >= 0 && !read(table, slot).listed();
    }

    /** Its address is in the list now. */
    void list(AddressKey.Row key) {
        int slot = find(key);
        if (slot >= 0) {
            write(slot, read(table, slot).listed(true));
        }
    }

    /** There is no list any more. */
    void unlistAll() {
        for (int slot = 0; slot < capacity; slot++) {
            if (isUsed(table, slot)) {
                write(slot, read(table, slot).listed(false));
            }
        }
    }

    boolean has(AddressKey.Row key) {
        return find(key) >= 0;
    }

    /** What was a disagreement on that day has become something else. */
    void takeBack(AddressKey.Row key, int day) {
        int slot = find(key);
        if (slot >= 0) {
            write(slot, read(table, slot).agreedAfterAll(day));
        }
    }

    /** Forgets a recipient. Returns whether there was one. */
    boolean forget(AddressKey.Row key) throws IOException {
        if (find(key) < 0) {
            return false;
        }
        rebuild(capacity, row -> row.high() != key.high() || row.low() != key.low());
        return true;
    }

    /** Forgets recipients that were not seen since a day, once they are worth writing the table anew. Returns whether it did. */
    boolean prune(int beforeDay) throws IOException {
        int old = scan(row -> row.lastDay() < beforeDay);
        if (old <= rows / 8) {
            return false;
        }
        rebuild(capacity, row -> row.lastDay() >= beforeDay);
        return true;
    }

    /** What the rows come to from a day on. */
    Totals totals(int sinceDay) {
        long[] sums = new long[4];
        scan(row -> {
            int days = Long.bitCount(row.seenSince(sinceDay));
            sums[0] += days > 0 ? 1 : 0;
            sums[1] += days;
            sums[2] += Long.bitCount(row.badSince(sinceDay));
            sums[3] += days == 1 ? 1 : 0;
            return false;
        });
        return new Totals((int) sums[0], sums[1], sums[2], (int) sums[3]);
    }

    int rows() {
        return rows;
    }

    /** Puts it on the disk, where the system would bring it in half a minute anyway. */
    void force() {
        table.force();
    }

    /** The slot of a recipient; else minus one and the free slot, negative. */
    private int find(AddressKey.Row key) {
        int slot = (int) key.high() & (capacity - 1);
        while (isUsed(table, slot)) {
            if (table.getLong(slot * ROW) == key.high() && table.getInt(slot * ROW + 8) == key.low()) {
                return slot;
            }
            slot = (slot + 1) & (capacity - 1);
        }
        return -slot - 1;
    }

    private static boolean isUsed(ByteBuffer table, int slot) {
        return (table.getShort(slot * ROW + FLAGS) & USED) != 0;
    }

    private static RecipientRow read(ByteBuffer table, int slot) {
        int at = slot * ROW;
        return new RecipientRow(table.getLong(at), table.getInt(at + 8), Short.toUnsignedInt(table.getShort(at + 12)),
                table.getLong(at + 16), table.getLong(at + 24), (table.getShort(at + FLAGS) & LISTED) != 0);
    }

    private void write(int slot, RecipientRow row) {
        int at = slot * ROW;
        table.putLong(at, row.high()).putInt(at + 8, row.low()).putShort(at + 12, (short) row.lastDay())
                .putShort(at + FLAGS, (short) (row.listed() ? USED | LISTED : USED))
                .putLong(at + 16, row.seen()).putLong(at + 24, row.bad());
    }

    /** Shows each row; returns how many the predicate was true for. */
    private int scan(Predicate<RecipientRow> wanted) {
        int hits = 0;
        for (int slot = 0; slot < capacity; slot++) {
            if (isUsed(table, slot) && wanted.test(read(table, slot))) {
                hits++;
            }
        }
        return hits;
    }

    private void grow() throws IOException {
        narrow = true;
        rebuild(capacity * 2, row -> true);
        narrow = false;
    }

    /** Writes the table anew, with the rows that are wanted; when that fails it stays as it was. */
    private void rebuild(int newCapacity, Predicate<RecipientRow> wanted) throws IOException {
        Path half = half(file);
        MappedByteBuffer old = table;
        int oldCapacity = capacity;
        boolean done = false;
        try {
            create(half, newCapacity);
            table = map(half);
            capacity = newCapacity;
            int kept = copy(old, oldCapacity, wanted);
            table.force();
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            rows = kept;
            Arrays.fill(latest, 0);
            done = true;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (InternalError e) {
            throw new IOException("the disk below " + file.getFileName() + " fails", e);
        } finally {
            if (!done) {
                table = old;
                capacity = oldCapacity;
                remove(half);
            }
        }
    }

    /** What is half written fills a disk that may be full. */
    private static void remove(Path half) {
        try {
            Files.deleteIfExists(half);
        } catch (IOException e) {
            // the next one that is written takes its place
        }
    }

    private int copy(MappedByteBuffer old, int oldCapacity, Predicate<RecipientRow> wanted) {
        int kept = 0;
        for (int slot = 0; slot < oldCapacity; slot++) {
            if (isUsed(old, slot)) {
                RecipientRow row = read(old, slot);
                if (wanted.test(row)) {
                    write(-find(new AddressKey.Row(row.high(), row.low())) - 1, row);
                    kept++;
                }
            }
        }
        return kept;
    }

    private static Path half(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    private static void create(Path file, int capacity) throws IOException {
        Files.deleteIfExists(file);
        PrivateFiles.write(file, out -> {
            byte[] block = new byte[Math.min(BLOCK, capacity * ROW)];
            for (int written = 0; written < capacity * ROW; written += block.length) {
                out.write(block);
            }
        });
    }

    private static MappedByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
        }
    }
}
