package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is known of one kind of difference at one backup: how many, when, and examples: how it began, and the latest. */
final class Kind {

    static final int EXAMPLES = 20;

    private static final long HOUR = 3_600_000;

    /** That many of the examples stay as they are, the others make room for newer ones. */
    private static final int FIRST_EXAMPLES = 10;

    /** As reports show it; the key is the comparison's. */
    record Example(long key, String id, String sender, String recipient, long at) {
    }

    final Signature signature;

    final Hours hours;

    final List<Example> examples = new ArrayList<>(4);

    private long first;

    private long last;

    Kind(Signature signature) {
        this(signature, new Hours());
    }

    private Kind(Signature signature, Hours hours) {
        this.signature = signature;
        this.hours = hours;
    }

    void add(Entry entry) {
        add(entry.hour(), 1, entry.at());
        if (examples.size() == EXAMPLES) {
            examples.remove(FIRST_EXAMPLES);
        }
        examples.add(new Example(entry.key(), entry.id(), entry.sender(), entry.recipient(), entry.at()));
    }

    /** Counts some of which no example is known. */
    void add(int hour, int count, long at) {
        hours.add(hour, count);
        first = first == 0 ? at : Math.min(first, at);
        last = Math.max(last, at);
    }

    /** Another verdict took the place of one of these. */
    void takeBack(int hour, long key) {
        hours.add(hour, -1);
        examples.removeIf(example -> example.key == key);
    }

    /** Forgets an address. Returns how many examples are gone. */
    int forget(AddressKey.Forms address) {
        int before = examples.size();
        examples.removeIf(example -> address.isRecipient(example.recipient) || address.isSender(example.sender));
        return before - examples.size();
    }

    void prune(int beforeHour) {
        hours.prune(beforeHour);
        examples.removeIf(example -> Math.floorDiv(example.at, HOUR) < beforeHour);
    }

    /** When the first of those was seen that count from an hour on; to the hour where earlier ones do not count any more. */
    long first(int sinceHour) {
        int hour = hours.firstFrom(sinceHour);
        return hour == Integer.MAX_VALUE || Math.floorDiv(first, HOUR) == hour ? first : hour * HOUR;
    }

    /** The same of the last one. */
    long last() {
        int hour = hours.lastUntil(Integer.MAX_VALUE);
        return hour == Integer.MIN_VALUE || Math.floorDiv(last, HOUR) == hour ? last : hour * HOUR;
    }

    void writeTo(DataOutput out) throws IOException {
        Entry.write(signature, out);
        hours.writeTo(out);
        out.writeLong(first);
        out.writeLong(last);
        out.writeInt(examples.size());
        for (Example example : examples) {
            out.writeLong(example.key);
            out.writeUTF(example.id);
            out.writeUTF(example.sender);
            out.writeUTF(example.recipient);
            out.writeLong(example.at);
        }
    }

    static Kind readFrom(DataInput in) throws IOException {
        Kind kind = new Kind(Entry.readSignature(in), Hours.readFrom(in));
        kind.first = in.readLong();
        kind.last = in.readLong();
        for (int left = in.readInt(); left > 0; left--) {
            kind.examples.add(new Example(in.readLong(), in.readUTF(), in.readUTF(), in.readUTF(), in.readLong()));
        }
        return kind;
    }
}
