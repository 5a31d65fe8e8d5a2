package io.smtpdup.agreement;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

import io.smtpdup.message.PrivateFiles;

/**
 * A row for each recipient in a file: on which days it was compared, and on which of them the servers disagreed. A hash table of
 * rows of {@value #ROW} octets that do not cross a page: nothing of it is in memory, and what is written once or twice is the same,
 * so that after a kill the journal can be read again over it. For one thread.
 */
final class RecipientTable implements Closeable {

    /** How many recipients have a row; those beyond are not told apart. */
    static final int MOST = 1_400_000;

    static final int ROW = 32;

    private static final int SMALLEST = 1 << 10;

    private static final int LARGEST = 1 << 21;

    private static final int USED = 1;

    private static final int AT_ONCE = 4;

    private static final int BLOCK = 1 << 16;

    private final Path file;

    private final ByteBuffer slots = ByteBuffer.allocateDirect(ROW * AT_ONCE);

    /** What was noted lately, so that a busy mailbox costs no look into the file. */
    private final long[] latest = new long[1 << 12];

    private FileChannel channel;

    private int capacity;

    private int rows;

    /** What the rows come to. */
    record Totals(int recipients, long days, long disagreed, int once) {

        static final Totals NONE = new Totals(0, 0, 0, 0);
    }

    /** One row: days are bits, the lowest is the last day on which it was seen. */
    record Row(long high, int low, int lastDay, long seen, long bad) {

        /** The same with a day more. */
        Row with(int day, boolean disagreed) {
            int later = day - lastDay;
            if (later <= 0) {
                long bit = later <= -Long.SIZE ? 0 : 1L << -later;
                return new Row(high, low, lastDay, seen | bit, disagreed ? bad | bit : bad);
            }
            return new Row(high, low, day, shifted(seen, later) | 1, shifted(bad, later) | (disagreed ? 1 : 0));
        }

        Row agreedAfterAll(int day) {
            int earlier = lastDay - day;
            return new Row(high, low, lastDay, seen, earlier < 0 || earlier >= Long.SIZE ? bad : bad & ~(1L << earlier));
        }

        private static long shifted(long bits, int by) {
            return by >= Long.SIZE ? 0 : bits << by;
        }

        /** Those of the days from one on. */
        long seenSince(int day) {
            return seen & mask(day);
        }

        long badSince(int day) {
            return bad & mask(day);
        }

        private long mask(int day) {
            int kept = lastDay - day + 1;
            return kept <= 0 ? 0 : kept >= Long.SIZE ? -1 : (1L << kept) - 1;
        }
    }

    private RecipientTable(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        capacity = (int) (channel.size() / ROW);
    }

    /** @throws IOException when it cannot be read, or is none */
    static RecipientTable open(Path file) throws IOException {
        boolean fresh = Files.notExists(file);
        FileChannel channel = fresh ? create(file, SMALLEST) : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            long size = channel.size();
            if (size % ROW != 0 || size < SMALLEST * ROW || size > (long) LARGEST * ROW || Long.bitCount(size) != 1) {
                throw new IOException(file.getFileName() + " is not a table of recipients");
            }
            RecipientTable table = new RecipientTable(file, channel);
            table.rows = table.scan(row -> true);
            return table;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
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
        latest[place] = mark;
        int slot = find(key);
        if (slot < 0) {
            if (rows >= MOST) {
                return Noted.FULL;
            }
            if (rows >= capacity / 3 * 2 && capacity < LARGEST) {
                rebuild(capacity * 2, row -> true);
                slot = find(key);
            }
            write(channel, -slot - 1, new Row(key.high(), key.low(), day, 1, disagreed ? 1 : 0));
            rows++;
            return Noted.NEW;
        }
        write(channel, slot, read(slots).with(day, disagreed));
        return Noted.KNOWN;
    }

    boolean has(AddressKey.Row key) throws IOException {
        return find(key) >= 0;
    }

    /** What was a disagreement on that day has become something else. */
    void takeBack(AddressKey.Row key, int day) throws IOException {
        int slot = find(key);
        if (slot >= 0) {
            write(channel, slot, read(slots).agreedAfterAll(day));
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
    Totals totals(int sinceDay) throws IOException {
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

    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The slot of a recipient, whose row is at the beginning of {@link #slots} then; else minus one and the free slot, negative. */
    private int find(AddressKey.Row key) throws IOException {
        int slot = (int) key.high() & (capacity - 1);
        for (int probed = 0; probed < capacity; ) {
            int count = Math.min(AT_ONCE, capacity - slot);
            readSlots(channel, slots, slot, count);
            for (int i = 0; i < count; i++, probed++) {
                int at = i * ROW;
                if (slots.getShort(at + 14) != USED) {
                    return -(slot + i) - 1;
                }
                if (slots.getLong(at) == key.high() && slots.getInt(at + 8) == key.low()) {
                    slots.position(at);
                    return slot + i;
                }
            }
            slot = (slot + count) & (capacity - 1);
        }
        throw new IOException("a table of recipients without a free row");
    }

    private static void readSlots(FileChannel channel, ByteBuffer buffer, int slot, int count) throws IOException {
        buffer.clear().limit(count * ROW);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, (long) slot * ROW + buffer.position()) < 0) {
                throw new IOException("a table of recipients has become shorter");
            }
        }
        buffer.flip();
    }

    private static Row read(ByteBuffer buffer) {
        int at = buffer.position();
        return new Row(buffer.getLong(at), buffer.getInt(at + 8), Short.toUnsignedInt(buffer.getShort(at + 12)), buffer.getLong(at + 16),
                buffer.getLong(at + 24));
    }

    private static void write(FileChannel channel, int slot, Row row) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(ROW)
                .putLong(row.high).putInt(row.low).putShort((short) row.lastDay).putShort((short) USED).putLong(row.seen).putLong(row.bad);
        octets.flip();
        while (octets.hasRemaining()) {
            channel.write(octets, (long) slot * ROW + octets.position());
        }
    }

    /** Shows each row; returns how many the predicate was true for. */
    private int scan(Predicate<Row> rows) throws IOException {
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, (long) capacity * ROW));
        int hits = 0;
        for (int slot = 0; slot < capacity; slot += block.capacity() / ROW) {
            readSlots(channel, block, slot, block.capacity() / ROW);
            for (int at = 0; at < block.limit(); at += ROW) {
                block.position(at);
                if (block.getShort(at + 14) == USED && rows.test(read(block))) {
                    hits++;
                }
            }
        }
        return hits;
    }

    /** Writes the table anew, with the rows that are wanted. */
    private void rebuild(int newCapacity, Predicate<Row> wanted) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(half);
        FileChannel old = channel;
        int oldCapacity = capacity;
        FileChannel fresh = create(half, newCapacity);
        try {
            ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, (long) oldCapacity * ROW));
            int kept = 0;
            for (int slot = 0; slot < oldCapacity; slot += block.capacity() / ROW) {
                readSlots(old, block, slot, block.capacity() / ROW);
                for (int at = 0; at < block.limit(); at += ROW) {
                    block.position(at);
                    if (block.getShort(at + 14) == USED && wanted.test(read(block))) {
                        Row row = read(block);
                        channel = fresh;
                        capacity = newCapacity;
                        write(fresh, -find(new AddressKey.Row(row.high, row.low)) - 1, row);
                        kept++;
                    }
                }
            }
            fresh.force(true);
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            channel = fresh;
            capacity = newCapacity;
            rows = kept;
            Arrays.fill(latest, 0);
            old.close();
        } catch (IOException | RuntimeException e) {
            channel = old;
            capacity = oldCapacity;
            fresh.close();
            Files.deleteIfExists(half);
            throw e;
        }
    }

    private static FileChannel create(Path file, int capacity) throws IOException {
        FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), PrivateFiles.file());
        try {
            channel.write(ByteBuffer.allocate(1), (long) capacity * ROW - 1);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
