package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The rows of all recipients: one table of those that the primary has taken, and one for each backup. One that is damaged is set
 * aside and begins anew, one that cannot be used is said once a day, and its recipients are not told apart from then on; never an exception,
 * but where an operator waits for the result. For one thread.
 */
final class Tables {

    static final String PREFIX = "recipients-";

    private static final String KNOWN = "known";

    private final Path directory;

    private final Consumer<String> problems;

    private final Map<String, RecipientTable> open = new LinkedHashMap<>();

    private final Map<String, String> names = new HashMap<>();

    private @Nullable AddressList addresses;

    private long now;

    private boolean failed;

    private Hours untracked = new Hours();

    Tables(Path directory, Consumer<String> problems, long now) {
        this.directory = directory;
        this.problems = problems;
        this.now = now;
    }

    /** From now on the addresses of the recipients are listed, also of those that are known for long. */
    void list(AddressList list) {
        addresses = list;
        if (!list.exists()) {
            tried(false, () -> {
                table(KNOWN).unlistAll();
                return true;
            });
        }
    }

    /** What time it is, for the name of what is set aside. */
    void now(long time) {
        now = time;
    }

    /** Notes that the primary has taken mail for a recipient. Its address is listed when it is not yet. */
    void noteKnown(AddressKey.Row row, int day, String address) {
        tried(false, () -> {
            RecipientTable known = table(KNOWN);
            known.note(row, day, false);
            AddressList list = addresses;
            if (list != null && known.isUnlisted(row)) {
                list.add(address);
                known.list(row);
            }
            return true;
        });
    }

    /** Notes that a recipient was compared. */
    void note(String backup, AddressKey.Row row, int day, boolean disagreed) {
        RecipientTable.Noted noted = tried(RecipientTable.Noted.KNOWN, () -> table(name(backup)).note(row, day, disagreed));
        if (noted == RecipientTable.Noted.FULL) {
            addUntracked();
        }
    }

    void takeBack(String backup, AddressKey.Row row, int day) {
        tried(false, () -> {
            table(name(backup)).takeBack(row, day);
            return true;
        });
    }

    RecipientTable.Totals known(int sinceDay) {
        return totals(KNOWN, sinceDay);
    }

    RecipientTable.Totals of(String backup, int sinceDay) {
        return totals(name(backup), sinceDay);
    }

    /** How many comparisons had no row, because the table is full or cannot be used, from an hour on. */
    long untracked(int sinceHour) {
        return untracked.since(sinceHour);
    }

    private void addUntracked() {
        untracked.add((int) Math.floorDiv(now, 3_600_000L), 1);
    }

    /** What is counted of them, for the snapshot; rows are in their files. */
    void writeTo(DataOutput out) throws IOException {
        untracked.writeTo(out);
    }

    void readFrom(DataInput in) throws IOException {
        untracked = Hours.readFrom(in);
    }

    boolean knows(AddressKey.Row row) {
        return tried(true, () -> table(KNOWN).has(row));
    }

    /** Forgets a recipient. Returns in how many tables it was. */
    int forget(AddressKey.Row row) throws IOException {
        try {
            int found = 0;
            for (String name : names()) {
                found += table(name).forget(row) ? 1 : 0;
            }
            return found;
        } catch (UncheckedIOException | InternalError e) {
            open.clear();
            throw new IOException("the tables of recipients cannot be used", e);
        }
    }

    /** Forgets recipients that were not seen since a day. Returns whether any of those the primary has taken is gone. */
    boolean prune(int beforeDay) {
        untracked.prune(beforeDay * 24);
        failed = false;
        return tried(false, () -> {
            boolean pruned = false;
            for (String name : names()) {
                pruned |= table(name).prune(beforeDay) && name.equals(KNOWN);
            }
            return pruned;
        });
    }

    /** Removes the table of a backup of which nothing is counted any more. */
    void remove(String backup) {
        tried(false, () -> {
            open.remove(name(backup));
            return Files.deleteIfExists(directory.resolve(PREFIX + name(backup)));
        });
    }

    /** Begins the backups' tables anew; which recipients the primary has taken is still known. */
    void startAnew() throws IOException {
        untracked = new Hours();
        failed = false;
        for (String name : names()) {
            if (!name.equals(KNOWN)) {
                open.remove(name);
                Files.deleteIfExists(directory.resolve(PREFIX + name));
            }
        }
    }

    void force() {
        tried(false, () -> {
            open.values().forEach(RecipientTable::force);
            return true;
        });
    }

    /** The system writes what the tables have; nothing is closed. */
    void close() {
        open.clear();
    }

    private RecipientTable.Totals totals(String name, int sinceDay) {
        return tried(RecipientTable.Totals.NONE, () -> Files.exists(directory.resolve(PREFIX + name))
                ? table(name).totals(sinceDay) : RecipientTable.Totals.NONE);
    }

    private RecipientTable table(String name) throws IOException {
        RecipientTable table = open.get(name);
        if (table == null) {
            table = opened(directory.resolve(PREFIX + name));
            open.put(name, table);
        }
        return table;
    }

    /** What is in a table that was set aside is missing from the evidence, so it counts as not tracked. */
    private RecipientTable opened(Path file) throws IOException {
        try {
            return RecipientTable.open(file);
        } catch (RecipientTable.NoTableException | InternalError e) {
            Path aside = Damaged.setAside(directory, List.of(file), now);
            addUntracked();
            problems.accept("agreement: " + file.getFileName() + " is damaged and was set aside in " + aside
                    + ", its recipients are not known any more; coverage and bound begin anew with it");
            return RecipientTable.open(file);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(PREFIX) && !name.endsWith(".new"))
                    .map(name -> name.substring(PREFIX.length())).sorted().toList();
        }
    }

    /** A backup's name as part of a file's. */
    private String name(String backup) {
        return names.computeIfAbsent(backup, name -> {
            String safe = name.replaceAll("[^A-Za-z0-9.-]", "_");
            return "of-" + (safe.equals(name) ? safe : safe + "-" + Integer.toHexString(name.hashCode()));
        });
    }

    @FunctionalInterface
    private interface Action<T> {

        T run() throws IOException;
    }

    /** A disk that fails below a table that is mapped is an InternalError; the tables are looked at again before they are used again. */
    private <T> T tried(T otherwise, Action<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            fail(e);
        } catch (UncheckedIOException | InternalError e) {
            open.clear();
            fail(e);
        }
        return otherwise;
    }

    private void fail(Throwable e) {
        addUntracked();
        if (!failed) {
            failed = true;
            problems.accept("agreement: the tables of recipients cannot be used, coverage and bound are incomplete: " + e);
        }
    }
}
