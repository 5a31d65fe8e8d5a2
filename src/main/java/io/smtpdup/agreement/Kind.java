package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is known of one kind of difference at one backup: how many, when, and examples: how it began, and the latest. */
final class Kind {

    static final int EXAMPLES = 20;

    /** That many of the examples stay as they are, the others make room for newer ones. */
    private static final int FIRST_EXAMPLES = 10;

    /** As reports show it. */
    record Example(String id, String sender, String recipient, long at) {
    }

    final Signature signature;

    final Hours hours;

    final List<Example> examples = new ArrayList<>(4);

    long first;

    long last;

    Kind(Signature signature) {
        this(signature, new Hours());
    }

    private Kind(Signature signature, Hours hours) {
        this.signature = signature;
        this.hours = hours;
    }

    void add(Entry entry) {
        hours.add(entry.hour(), 1);
        first = first == 0 ? entry.at() : Math.min(first, entry.at());
        last = Math.max(last, entry.at());
        if (examples.size() == EXAMPLES) {
            examples.remove(FIRST_EXAMPLES);
        }
        examples.add(new Example(entry.id(), entry.sender(), entry.recipient(), entry.at()));
    }

    /** Another verdict took the place of one of these. */
    void takeBack(int hour, String id, String recipient) {
        hours.add(hour, -1);
        if (!id.isEmpty()) {
            examples.removeIf(example -> example.id.equals(id) && example.recipient.equals(recipient));
        }
    }

    /** Forgets an address. Returns how many examples are gone. */
    int forget(String shownSender, String shownRecipient) {
        int before = examples.size();
        examples.removeIf(example -> !shownRecipient.isEmpty() && example.recipient.equalsIgnoreCase(shownRecipient)
                || !shownSender.isEmpty() && example.sender.equalsIgnoreCase(shownSender));
        return before - examples.size();
    }

    void prune(int beforeHour) {
        hours.prune(beforeHour);
        examples.removeIf(example -> Math.floorDiv(example.at, 3_600_000L) < beforeHour);
        first = Math.max(first, beforeHour * 3_600_000L);
    }

    void writeTo(DataOutput out) throws IOException {
        Entry.write(signature, out);
        hours.writeTo(out);
        out.writeLong(first);
        out.writeLong(last);
        out.writeInt(examples.size());
        for (Example example : examples) {
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
            kind.examples.add(new Example(in.readUTF(), in.readUTF(), in.readUTF(), in.readLong()));
        }
        return kind;
    }
}
