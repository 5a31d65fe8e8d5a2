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

    private static final int MAGIC = 0x53444148;

    /** Of a snapshot without what is counted of the tables. */
    private static final int MAGIC_BEFORE = 0x53444147;

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

    private Store(AgreementSettings settings, Consumer<String> says, long now) {
        directory = settings.directory();
        retain = settings.retain();
        mode = settings.addresses();
        this.says = says;
        epochs = new Epochs(settings, says);
        addresses = new AddressList(directory);
        tables = new Tables(directory, says, now);
    }

    /**
     * Opens the store of a directory, which is made when missing; a damaged one is set aside.
     *
     * @throws IOException when there can be no store in this directory for now
     */
    static Store open(AgreementSettings settings, Consumer<String> says, long now) throws IOException {
        Path directory = PrivateFiles.directory(settings.directory());
        Store store = new Store(settings, says, now);
        try {
            String damage = store.damage(now);
            store = damage == null ? store : store.anew(settings, damage, now);
            store.keepAddresses();
            store.prune(now);
            store.snapshot();
            if (Files.notExists(directory.resolve(OPEN))) {
                PrivateFiles.write(directory.resolve(OPEN), out -> { });
            }
            return store;
        } catch (IOException | RuntimeException e) {
            store.closeJournal();
            store.tables.close();
            throw e;
        }
    }

    /** Reads what is there. Returns what is wrong with it; null when nothing is. */
    private @Nullable String damage(long now) throws IOException {
        Throwable failure;
        try {
            load(now);
            return null;
        } catch (IOException | RuntimeException e) {
            failure = e instanceof UncheckedIOException ? Objects.requireNonNull(e.getCause()) : e;
        }
        if (failure instanceof IOException unread && !Damaged.isMeantBy(unread)) {
            throw unread;
        }
        return String.valueOf(failure.getMessage());
    }

    /** One without anything, after what was there was set aside; the epochs of before stay. */
    private Store anew(AgreementSettings settings, String damage, long now) throws IOException {
        tables.close();
        try (Stream<Path> files = Files.list(directory)) {
            Path aside = Damaged.setAside(directory,
                    files.filter(Files::isRegularFile).filter(file -> isLost(file.getFileName().toString())).toList(), now);
            says.accept("agreement: what was recorded so far cannot be read (" + damage + ") and was set aside in " + aside
                    + "; the comparison begins anew");
        }
        Store store = new Store(settings, says, now);
        store.key = AddressKey.open(directory, settings.addresses());
        return store;
    }

    /** The store's own files; where it is the key that cannot be read also what only the key explains. The other files are others'. */
    private boolean isLost(String name) {
        return name.startsWith(SNAPSHOT) || name.startsWith(JOURNAL) || name.equals(OPEN) || name.startsWith(Tables.PREFIX)
                || name.startsWith(AddressList.FILE)
                || key == null && (name.equals(AddressKey.FILE) || name.equals(AskedRecipients.FILE));
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
        tables.force();
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
                tables.writeTo(data);
                data.writeLong(checked.getChecksum().getValue());
                data.flush();
            });
            Files.move(half, directory.resolve(SNAPSHOT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            fresh.close();
            Files.deleteIfExists(directory.resolve(JOURNAL + next));
            Files.deleteIfExists(half);
            throw e;
        }
        // From here on the next start reads the new journal, whatever else fails
        Path old = directory.resolve(JOURNAL + generation);
        closeJournal();
        journal = fresh;
        generation = next;
        PrivateFiles.sync(directory);
        Files.deleteIfExists(old);
    }

    /** The list of addresses is for one setting only. What another has left in the journal is no address, and was read before. */
    private void keepAddresses() {
        if (mode == Addresses.PLAIN) {
            tables.list(addresses);
        } else {
            tidy(addresses::remove);
        }
    }

    /**
     * Forgets an address in rows, examples, lists and earlier epochs, in each form in which it may have been kept; not in what was set
     * aside, which nobody can read and which goes when it is too old.
     *
     * @return in how many places it was
     * @throws IOException when it may still be somewhere; everything else has forgotten it
     */
    int forget(String address) throws IOException {
        AddressKey.Forms forms = key().forms(address);
        return Steps.all(() -> tables.forget(key().row(address)), () -> ledger.forget(forms), () -> epochs.forget(forms),
                () -> addresses.forget(address), () -> {
                    snapshot();
                    return 0;
                });
    }

    /** Forgets what is older than is kept; cheap when nothing is. */
    void prune(long now) {
        tables.now(now);
        int hour = firstHour(now);
        if (hour == pruned) {
            return;
        }
        boolean nextDay = Math.floorDiv(hour, 24) != Math.floorDiv(pruned, 24);
        pruned = hour;
        ledger.prune(hour).forEach(tables::remove);
        boolean recipients = nextDay && tables.prune(firstDay(now));
        tidy(() -> {
            epochs.prune(now);
            Damaged.prune(directory, now - retain.toMillis());
            if (recipients) {
                addresses.keep(address -> tables.knows(key().row(address)));
            }
        });
    }

    @FunctionalInterface
    private interface Removal {

        void run() throws IOException;
    }

    /** A file too many is no reason to record nothing. */
    private void tidy(Removal removal) {
        try {
            removal.run();
        } catch (IOException | UncheckedIOException e) {
            says.accept("agreement: what shall not be kept any longer cannot be removed: " + e);
        }
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
        if (!Files.notExists(snapshot)) {
            readSnapshot(snapshot);
        }
        Path left = directory.resolve(JOURNAL + generation);
        boolean whole = Files.notExists(left) || Journal.replay(left, entry -> ledger.apply(entry, tables, (kind, first) -> { }));
        if (Files.exists(directory.resolve(OPEN))) {
            ledger.addGap(now);
            says.accept("agreement: the relay did not stop in order; what it compared in its last seconds may be missing"
                    + (whole ? "" : ", and the journal ends in the middle of a word"));
        }
        Journal.removeOthers(directory, JOURNAL, left);
    }

    private void readSnapshot(Path snapshot) throws IOException {
        CheckedInputStream checked =
                new CheckedInputStream(new BufferedInputStream(Files.newInputStream(snapshot), 1 << 16), new CRC32C());
        try (DataInputStream in = new DataInputStream(checked)) {
            int magic = in.readInt();
            if (magic != MAGIC && magic != MAGIC_BEFORE) {
                throw new IOException("no such file of this program");
            }
            generation = in.readLong();
            ledger = Ledger.readFrom(in);
            if (magic == MAGIC) {
                tables.readFrom(in);
            }
            long checksum = checked.getChecksum().getValue();
            if (in.readLong() != checksum) {
                throw new IOException("its checksum is wrong");
            }
        }
    }
}
