package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * One comparison as the store keeps it: its result, and of addresses only what may be kept. What is counted is made of entries
 * alone, so that reading the journal again gives the same.
 *
 * @param key which mail, recipient and backup it is about
 * @param at milliseconds since 1970
 * @param backup the backup's name
 * @param signature its kind; of an agreed one only relation and category matter
 * @param id the mail's id; this and the addresses are empty where no example is needed
 * @param sender as reports show it
 * @param recipient as reports show it
 * @param row the recipient's row; null where none is kept
 * @param primaryTook milliseconds; negative when not to be counted
 * @param backupTook the same
 * @param healedAfter seconds until a healed one was taken; negative for any other
 */
record Entry(long key, long at, String backup, Signature signature, String id, String sender, String recipient,
        AddressKey.@Nullable Row row, int primaryTook, int backupTook, int healedAfter) {

    private static final int NO_STAGE = -1;

    /** What a comparison comes to. */
    static Entry of(Comparison comparison, Comparison.Result result, AddressKey key, Addresses mode) {
        boolean agreed = result.relation() == Relation.AGREED;
        Signature signature = agreed
                ? new Signature(Relation.AGREED, result.category(), null, "", "")
                : Signature.of(result, comparison);
        AddressKey.Row hash = key.row(comparison.recipient());
        Answer primary = comparison.primary();
        boolean hasRow = mode != Addresses.NONE && primary != null && primary.isPositive();
        return new Entry(
                key(comparison, hash),
                comparison.at().toEpochMilli(),
                comparison.backup(),
                signature,
                agreed ? "" : comparison.id(),
                agreed ? "" : key.sender(comparison.sender()),
                agreed && mode != Addresses.PLAIN ? "" : key.recipient(comparison.recipient()),
                hasRow ? hash : null,
                milliseconds(comparison.primaryTook()),
                milliseconds(comparison.backupTook()),
                result.relation() == Relation.HEALED ? (int) Math.min(Integer.MAX_VALUE, comparison.untilFinal().toSeconds()) : -1);
    }

    Relation relation() {
        return signature.relation();
    }

    int hour() {
        return (int) Math.floorDiv(at, 3_600_000L);
    }

    int day() {
        return (int) Math.floorDiv(at, 86_400_000L);
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeLong(key);
        out.writeLong(at);
        out.writeUTF(backup);
        write(signature, out);
        out.writeUTF(id);
        out.writeUTF(sender);
        out.writeUTF(recipient);
        write(row, out);
        out.writeInt(primaryTook);
        out.writeInt(backupTook);
        out.writeInt(healedAfter);
    }

    static Entry readFrom(DataInput in) throws IOException {
        return new Entry(in.readLong(), in.readLong(), in.readUTF(), readSignature(in), in.readUTF(), in.readUTF(), in.readUTF(),
                readRow(in), in.readInt(), in.readInt(), in.readInt());
    }

    static void write(AddressKey.@Nullable Row row, DataOutput out) throws IOException {
        out.writeBoolean(row != null);
        if (row != null) {
            out.writeLong(row.high());
            out.writeInt(row.low());
        }
    }

    static AddressKey.@Nullable Row readRow(DataInput in) throws IOException {
        return in.readBoolean() ? new AddressKey.Row(in.readLong(), in.readInt()) : null;
    }

    static void write(Signature signature, DataOutput out) throws IOException {
        out.writeByte(signature.relation().ordinal());
        out.writeByte(signature.category().ordinal());
        Stage stage = signature.stage();
        out.writeByte(stage == null ? NO_STAGE : stage.ordinal());
        out.writeUTF(signature.primary());
        out.writeUTF(signature.backup());
    }

    static Signature readSignature(DataInput in) throws IOException {
        Relation relation = one(Relation.values(), in.readByte());
        Category category = one(Category.values(), in.readByte());
        int stage = in.readByte();
        return new Signature(relation, category, stage == NO_STAGE ? null : one(Stage.values(), stage), in.readUTF(), in.readUTF());
    }

    private static <T> T one(T[] values, int number) throws IOException {
        if (number < 0 || number >= values.length) {
            throw new IOException("no such value: " + number);
        }
        return values[number];
    }

    private static int milliseconds(@Nullable Duration took) {
        return took == null ? -1 : (int) Math.min(Integer.MAX_VALUE, Math.max(0, took.toMillis()));
    }

    private static long key(Comparison comparison, AddressKey.Row hash) {
        Answer primary = comparison.primary();
        boolean asked = primary != null && !primary.isPositive(); // no mail, and asked again it is the same question
        long key = mix(0xcbf29ce484222325L, asked ? "" : comparison.id());
        key = mix(key, comparison.backup());
        return (key ^ hash.high()) * 0x9e3779b97f4a7c15L ^ hash.low();
    }

    /** FNV-1a. */
    private static long mix(long start, String text) {
        long hash = start;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ octet) * 0x100000001b3L;
        }
        return (hash ^ 0xff) * 0x100000001b3L;
    }
}
