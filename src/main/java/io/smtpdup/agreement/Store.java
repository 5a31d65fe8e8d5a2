package io.smtpdup.agreement;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

import io.smtpdup.message.PrivateFiles;
import org.jspecify.annotations.Nullable;

/**
 * The ledger on the disk: a snapshot, a journal of what came after it, and the tables of recipients. What cannot be read is set
 * aside, with one line that says so. For one thread.
 */
final class Store implements Closeable {

    private static final String SNAPSHOT = "state";

    private static final String JOURNAL = "journal.";

    /** There while a process has the store open: found at the start, it says that that process was killed. */
    private static final String OPEN = "open";

    private static final String DAMAGED = "damaged-";

    private static final int MAGIC = 0x53444147;

    private final Path directory;

    private final Duration retain;

    private final Addresses mode;

    private final Consumer<String> says;

    private final Tables tables;

    private final AddressList addresses;

    private final Epochs epochs;

    private Ledger ledger = new Ledger();

    private @Nullable AddressKey key;

    private long generation;

    private @Nullable Journal journal;

    private int pruned;

    private Store(AgreementSettings settings, Consumer<String> says) {
        directory = settings.directory();
        retain = settings.retain();
        mode = settings.addresses();
        this.says = says;
        epochs = new Epochs(settings);
        addresses = new AddressList(directory);
        tables = new Tables(directory, settings.addresses() == Addresses.PLAIN ? addresses : null, says);
    }

    /**
     * Opens the store of a directory, which is made when missing; a damaged one is set aside.
     *
     * @throws IOException when there can be no store in this directory
     */
    static Store open(AgreementSettings settings, Consumer<String> says, long now) throws IOException {
        Path directory = PrivateFiles.directory(settings.directory());
        Store store = new Store(settings, says);
        try {
            store.load(now);
        } catch (IOException | RuntimeException e) {
            store.tables.close();
            Path aside = setAside(directory, now, store.key != null);
            says.accept("agreement: what was recorded so far cannot be read (" + e.getMessage() + ") and was set aside in " + aside
                    + "; the comparison begins anew");
            store = new Store(settings, says);
            store.key = AddressKey.open(directory, settings.addresses());
        }
        store.prune(now);
        store.snapshot();
        if (Files.notExists(directory.resolve(OPEN))) {
            PrivateFiles.write(directory.resolve(OPEN), out -> { });
        }
        return store;
    }

    Ledger ledger() {
        return ledger;
    }

    AddressKey key() {
        return Objects.requireNonNull(key);
    }

    Tables tables() {
        return tables;
    }

    AddressList addresses() {
        return addresses;
    }

    /** Writes entries down, and counts them in any case. Throws when they are only counted, and would not survive a kill. */
    void add(List<Entry> entries, BiConsumer<Kind, Entry> fresh) throws IOException {
        IOException failure = null;
        try {
            if (journal == null) {
                throw new IOException("there is no journal");
            }
            journal.append(entries);
        } catch (IOException e) {
            failure = e;
            closeJournal();
        }
        for (Entry entry : entries) {
            ledger.apply(entry, tables, fresh);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Whether what is counted from now on would survive a kill. */
    boolean isWritten() {
        return journal != null;
    }

    long journalSize() throws IOException {
        return journal == null ? 0 : journal.size();
    }

    void force() throws IOException {
        if (journal != null) {
            journal.force();
        }
    }

    /** Writes the whole ledger down, and begins a new journal. */
    void snapshot() throws IOException {
        try {
            tables.force();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        long next = generation + 1;
        Path half = directory.resolve(SNAPSHOT + ".new");
        Files.deleteIfExists(half);
        Journal fresh = Journal.create(directory.resolve(JOURNAL + next));
        try {
            PrivateFiles.write(half, out -> {
                CheckedOutputStream checked = new CheckedOutputStream(new BufferedOutputStream(out, 1 << 16), new CRC32C());
                DataOutputStream data = new DataOutputStream(checked);
                data.writeInt(MAGIC);
                data.writeLong(next);
                ledger.writeTo(data);
                data.writeLong(checked.getChecksum().getValue());
                data.flush();
            });
            Files.move(half, directory.resolve(SNAPSHOT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            PrivateFiles.sync(directory);
        } catch (IOException | RuntimeException e) {
            fresh.close();
            Files.deleteIfExists(half);
            throw e;
        }
        closeJournal();
        Files.deleteIfExists(directory.resolve(JOURNAL + generation));
        journal = fresh;
        generation = next;
    }

    /** Forgets what is older than is kept; cheap when nothing is. */
    void prune(long now) throws IOException {
        int hour = firstHour(now);
        if (hour == pruned) {
            return;
        }
        boolean nextDay = Math.floorDiv(hour, 24) != Math.floorDiv(pruned, 24);
        pruned = hour;
        ledger.prune(hour).forEach(tables::remove);
        if (nextDay && tables.prune(firstDay(now))) {
            addresses.keep(address -> tables.knows(key().row(address)));
        }
        epochs.prune(now);
    }

    /** The first hour that counts: what is older is not kept. */
    int firstHour(long now) {
        return (int) Math.floorDiv(now - retain.toMillis(), 3_600_000L);
    }

    /** The first day whose recipients count. */
    int firstDay(long now) {
        return Math.floorDiv(firstHour(now), 24);
    }

    @Override
    public void close() {
        try {
            snapshot();
            Files.deleteIfExists(directory.resolve(OPEN));
        } catch (IOException e) {
            says.accept("agreement: the last comparisons could not be written down: " + e);
        } finally {
            closeJournal();
            tables.close();
        }
    }

    private void closeJournal() {
        if (journal != null) {
            try {
                journal.close();
            } catch (IOException e) {
                says.accept("agreement: the journal cannot be closed: " + e);
            }
            journal = null;
        }
    }

    private void load(long now) throws IOException {
        key = AddressKey.open(directory, mode);
        Path snapshot = directory.resolve(SNAPSHOT);
        if (Files.exists(snapshot)) {
            readSnapshot(snapshot);
        }
        Path left = directory.resolve(JOURNAL + generation);
        boolean whole = Files.notExists(left) || Journal.replay(left, entry -> ledger.apply(entry, tables, (kind, first) -> { }));
        if (Files.exists(directory.resolve(OPEN))) {
            ledger.addGap(now);
            says.accept("agreement: the relay did not stop in order; what it compared in its last seconds may be missing"
                    + (whole ? "" : ", and the journal ends in the middle of a word"));
        }
        removeOtherJournals(left);
    }

    private void readSnapshot(Path snapshot) throws IOException {
        CheckedInputStream checked =
                new CheckedInputStream(new BufferedInputStream(Files.newInputStream(snapshot), 1 << 16), new CRC32C());
        try (DataInputStream in = new DataInputStream(checked)) {
            if (in.readInt() != MAGIC) {
                throw new IOException("no such file of this program");
            }
            generation = in.readLong();
            ledger = Ledger.readFrom(in);
            long checksum = checked.getChecksum().getValue();
            if (in.readLong() != checksum) {
                throw new IOException("its checksum is wrong");
            }
        }
    }

    private void removeOtherJournals(Path but) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith(JOURNAL)).toList()) {
                if (!file.equals(but)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Moves all but the epochs of before, and a key that is good. */
    private static Path setAside(Path directory, long now, boolean keepKey) throws IOException {
        Path aside = PrivateFiles.directory(directory.resolve(DAMAGED + now));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!keepKey || !file.getFileName().toString().equals(AddressKey.FILE)) {
                    Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return aside;
    }
}
