package io.smtpdup.agreement;

import java.io.IOException;
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
 * The rows of all recipients: one table of those that the primary has taken, and one for each backup. A table that cannot be read
 * or written is said once, and its recipients are not told apart from then on; never an exception. For one thread.
 */
final class Tables {

    private static final String PREFIX = "recipients-";

    private static final String KNOWN = "known";

    private final Path directory;

    private final Consumer<String> problems;

    private final Map<String, RecipientTable> open = new LinkedHashMap<>();

    private final Map<String, String> names = new HashMap<>();

    private final @Nullable AddressList addresses;

    private boolean failed;

    private long untracked;

    /** @param addresses the list of recipients; null when there is none */
    Tables(Path directory, @Nullable AddressList addresses, Consumer<String> problems) {
        this.directory = directory;
        this.addresses = addresses;
        this.problems = problems;
    }

    /** Notes that the primary has taken mail for a recipient. Its address is listed when it is the first. */
    void noteKnown(AddressKey.Row row, int day, String address) {
        try {
            if (table(KNOWN).note(row, day, false) == RecipientTable.Noted.NEW && addresses != null) {
                addresses.add(address);
            }
        } catch (IOException | InternalError e) {
            fail(e);
        }
    }

    /** Notes that a recipient was compared. */
    void note(String backup, AddressKey.Row row, int day, boolean disagreed) {
        try {
            if (table(name(backup)).note(row, day, disagreed) == RecipientTable.Noted.FULL) {
                untracked++;
            }
        } catch (IOException | InternalError e) {
            fail(e);
        }
    }

    void takeBack(String backup, AddressKey.Row row, int day) {
        try {
            table(name(backup)).takeBack(row, day);
        } catch (IOException | InternalError e) {
            fail(e);
        }
    }

    RecipientTable.Totals known(int sinceDay) {
        return totals(KNOWN, sinceDay);
    }

    RecipientTable.Totals of(String backup, int sinceDay) {
        return totals(name(backup), sinceDay);
    }

    /** How many comparisons had no row, because the table is full or cannot be written. */
    long untracked() {
        return untracked;
    }

    boolean knows(AddressKey.Row row) {
        try {
            return table(KNOWN).has(row);
        } catch (IOException | InternalError e) {
            fail(e);
            return true;
        }
    }

    /** Forgets a recipient. Returns in how many tables it was. */
    int forget(AddressKey.Row row) throws IOException {
        int found = 0;
        for (String name : names()) {
            found += table(name).forget(row) ? 1 : 0;
        }
        return found;
    }

    /** Forgets recipients that were not seen since a day. Returns whether any of those the primary has taken is gone. */
    boolean prune(int beforeDay) {
        boolean pruned = false;
        try {
            for (String name : names()) {
                pruned |= table(name).prune(beforeDay) && name.equals(KNOWN);
            }
        } catch (IOException | InternalError e) {
            fail(e);
        }
        return pruned;
    }

    /** Removes the table of a backup of which nothing is counted any more. */
    void remove(String backup) {
        try {
            open.remove(name(backup));
            Files.deleteIfExists(directory.resolve(PREFIX + name(backup)));
        } catch (IOException e) {
            fail(e);
        }
    }

    /** Begins the backups' tables anew; which recipients the primary has taken is still known. */
    void startAnew() throws IOException {
        for (String name : names()) {
            if (!name.equals(KNOWN)) {
                open.remove(name);
                Files.deleteIfExists(directory.resolve(PREFIX + name));
            }
        }
    }

    void force() {
        for (RecipientTable table : open.values()) {
            table.force();
        }
    }

    /** The system writes what the tables have; nothing is closed. */
    void close() {
        open.clear();
    }

    private RecipientTable.Totals totals(String name, int sinceDay) {
        try {
            return Files.exists(directory.resolve(PREFIX + name)) ? table(name).totals(sinceDay) : RecipientTable.Totals.NONE;
        } catch (IOException | InternalError e) {
            fail(e);
            return RecipientTable.Totals.NONE;
        }
    }

    private RecipientTable table(String name) throws IOException {
        RecipientTable table = open.get(name);
        if (table == null) {
            table = RecipientTable.open(directory.resolve(PREFIX + name));
            open.put(name, table);
        }
        return table;
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

    /** A disk that fails below a table that is mapped is an InternalError. */
    private void fail(Throwable e) {
        untracked++;
        if (!failed) {
            failed = true;
            problems.accept("agreement: the tables of recipients cannot be used, coverage and bound are incomplete: " + e);
        }
    }
}
