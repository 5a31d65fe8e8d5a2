package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/** All that is counted since the last mark, in memory; the same entries in the same order always make the same. For one thread. */
final class Ledger {

    private static final int VERSION = 2;

    /** More backups than that are a mistake. */
    private static final int MOST_BACKUPS = 64;

    private static final int MOST_GAPS = 20;

    /** A time in which the process ended without a word, in milliseconds since 1970: what it had in hand may be missing. */
    record Gap(long from, long until) {
    }

    private final Map<String, Tally> tallies = new LinkedHashMap<>();

    private final Recents recents = new Recents();

    private final List<Gap> gaps = new ArrayList<>();

    /** When this epoch began; zero for the first, which began with the store. */
    private long epoch;

    private String reason = "";

    private long last;

    /**
     * Counts one.
     *
     * @param fresh hears of a kind of difference that was not seen before, with the entry
     */
    void apply(Entry entry, Tables tables, BiConsumer<Kind, Entry> fresh) {
        last = Math.max(last, entry.at());
        Recents.Earlier earlier = recents.get(entry.key());
        if (earlier != null && earlier.relation().isCompared() && !entry.relation().isCompared()) {
            return;
        }
        Tally tally = tally(entry.backup());
        if (tally == null) {
            return;
        }
        int day = earlier == null ? entry.day() : earlier.day();
        if (earlier != null) {
            takeBack(earlier, entry, tables);
        }
        boolean known = tally.knows(entry.signature());
        Kind kind = tally.add(entry);
        tally.addTimes(entry, earlier == null ? null : earlier.relation());
        if (kind != null && !known && kind.signature.equals(entry.signature())) {
            fresh.accept(kind, entry);
        }
        note(entry, day, tables);
        recents.put(entry.key(), new Recents.Earlier(tally, entry.relation(), entry.signature().category(), kind, entry.hour(), day,
                entry.relation().isDisagreement() ? entry.row() : null));
    }

    /** The recipient's row keeps the disagreement while another mail of that day has one. */
    private void takeBack(Recents.Earlier earlier, Entry entry, Tables tables) {
        earlier.tally().takeBack(earlier.relation(), earlier.category(), earlier.hour());
        if (earlier.kind() != null) {
            earlier.kind().takeBack(earlier.hour(), entry.key());
        }
        recents.remove(entry.key());
        AddressKey.Row row = earlier.row();
        if (row != null && !entry.relation().isDisagreement()
                && !recents.hasDisagreement(earlier.tally(), row, earlier.day())) {
            tables.takeBack(entry.backup(), row, earlier.day());
        }
    }

    /** What is expected does not vote, and what was not compared is no evidence: there is such a mailbox, and no more is known. */
    private static void note(Entry entry, int day, Tables tables) {
        AddressKey.Row row = entry.row();
        boolean agrees = entry.relation() == Relation.AGREED || entry.relation() == Relation.HEALED;
        if (row != null) {
            tables.noteKnown(row, day, entry.recipient());
            if (agrees || entry.relation().isDisagreement()) {
                tables.note(entry.backup(), row, day, !agrees);
            }
        }
    }

    void addUnrecorded(String backup, int count, long at) {
        Tally tally = tally(backup);
        if (tally != null) {
            tally.addUnrecorded(count, at);
        }
    }

    void addGap(long until) {
        if (gaps.size() == MOST_GAPS) {
            gaps.remove(0);
        }
        gaps.add(new Gap(last, until));
    }

    /** Begins a new epoch: nothing of before counts any more. */
    void startAnew(long now, String why) {
        tallies.clear();
        recents.clear();
        gaps.clear();
        epoch = now;
        reason = why;
    }

    /** Forgets what was counted before an hour. Returns the backups of which nothing is left, as of one that left the list long ago. */
    List<String> prune(int beforeHour) {
        List<String> gone = new ArrayList<>();
        for (Tally tally : tallies.values()) {
            tally.prune(beforeHour);
            if (tally.isEmpty()) {
                gone.add(tally.backup);
                recents.forget(tally);
            }
        }
        tallies.keySet().removeAll(gone);
        gaps.removeIf(gap -> Math.floorDiv(gap.until, 3_600_000L) < beforeHour);
        return gone;
    }

    /** Forgets an address in all examples. Returns how many are gone. */
    int forget(AddressKey.Forms address) {
        int gone = 0;
        for (Tally tally : tallies.values()) {
            for (Kind kind : tally.kinds()) {
                gone += kind.forget(address);
            }
        }
        return gone;
    }

    Collection<Tally> tallies() {
        return tallies.values();
    }

    List<Gap> gaps() {
        return gaps;
    }

    long epoch() {
        return epoch;
    }

    String reason() {
        return reason;
    }

    /** When the last comparison was made; zero when there is none. */
    long last() {
        return last;
    }

    private @Nullable Tally tally(String backup) {
        Tally tally = tallies.get(backup);
        if (tally == null && tallies.size() < MOST_BACKUPS) {
            tally = new Tally(backup);
            tallies.put(backup, tally);
        }
        return tally;
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(epoch);
        out.writeUTF(reason);
        out.writeLong(last);
        out.writeInt(gaps.size());
        for (Gap gap : gaps) {
            out.writeLong(gap.from);
            out.writeLong(gap.until);
        }
        out.writeInt(tallies.size());
        Map<Tally, Integer> numbers = new IdentityHashMap<>();
        Map<Kind, Integer> kinds = new IdentityHashMap<>();
        for (Tally tally : tallies.values()) {
            tally.writeTo(out);
            numbers.put(tally, numbers.size());
            int number = 0;
            for (Kind kind : tally.kinds()) {
                kinds.put(kind, number++);
            }
        }
        writeRecents(out, numbers, kinds);
    }

    private void writeRecents(DataOutput out, Map<Tally, Integer> tallies, Map<Kind, Integer> kinds) throws IOException {
        out.writeInt(recents.size());
        List<Map.Entry<Long, Recents.Earlier>> all = new ArrayList<>(recents.size());
        recents.forEach((key, earlier) -> all.add(Map.entry(key, earlier)));
        for (Map.Entry<Long, Recents.Earlier> one : all) {
            Recents.Earlier earlier = one.getValue();
            out.writeLong(one.getKey());
            out.writeByte(tallies.getOrDefault(earlier.tally(), 0));
            out.writeByte(earlier.relation().ordinal());
            out.writeByte(earlier.category().ordinal());
            out.writeInt(earlier.kind() == null ? -1 : kinds.getOrDefault(earlier.kind(), -1));
            out.writeInt(earlier.hour());
            out.writeInt(earlier.day());
            Entry.write(earlier.row(), out);
        }
    }

    static Ledger readFrom(DataInput in) throws IOException {
        if (in.readInt() != VERSION) {
            throw new IOException("it was written by another version of this program");
        }
        Ledger ledger = new Ledger();
        ledger.epoch = in.readLong();
        ledger.reason = in.readUTF();
        ledger.last = in.readLong();
        for (int left = in.readInt(); left > 0; left--) {
            ledger.gaps.add(new Gap(in.readLong(), in.readLong()));
        }
        List<Tally> tallies = new ArrayList<>();
        List<List<Kind>> kinds = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            Tally tally = Tally.readFrom(in);
            ledger.tallies.put(tally.backup, tally);
            tallies.add(tally);
            kinds.add(tally.numbered());
        }
        for (int left = in.readInt(); left > 0; left--) {
            long key = in.readLong();
            int tally = in.readByte();
            Relation relation = Relation.values()[in.readByte()];
            Category category = Category.values()[in.readByte()];
            int kind = in.readInt();
            ledger.recents.put(key, new Recents.Earlier(tallies.get(tally), relation, category,
                    kind < 0 ? null : kinds.get(tally).get(kind), in.readInt(), in.readInt(), Entry.readRow(in)));
        }
        return ledger;
    }
}
