package io.smtpdup.agreement;

import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The way in: takes what the primary and a backup said about each recipient of a mail, and answers whether they agree.
 *
 * <p>{@link #open} once, {@link #record} from any thread for each recipient that is final at a backup, {@link #report} whenever
 * somebody asks, {@link #close} at the end. Recording hands over and goes on: it waits for no disk and throws nothing. One thread of
 * its own, four times a second, compares what was handed over and writes it down; what it cannot keep up with is counted as not
 * recorded. So a kill loses what was recorded in the last second, and a power failure that of the last five.
 */
public final class Agreement implements AutoCloseable {

    private static final int AT_ONCE = 500;

    private static final long PAUSE_NANOS = 250_000_000;

    private final AgreementSettings settings;

    private final Clock clock;

    private final BelievedClock believed;

    private final AgreementWatcher watcher;

    private final LiveFile<ReplyTable> replies;

    private final LiveFile<ExpectedRules> expected;

    private final Inbox inbox = new Inbox();

    /** Held by whoever touches the store; never by {@link #record}. */
    private final Object lock = new Object();

    private final Thread writer = new Thread(this::run, "agreement");

    private final Upkeep upkeep;

    private @Nullable Store store;

    private volatile boolean closed;

    private boolean complained;

    /** What was not recorded since it was said. */
    private long unsaid;

    private String unsaidCause = "";

    private Agreement(AgreementSettings settings, Clock clock, Clock steady, AgreementWatcher watcher) {
        this.settings = settings;
        this.clock = clock;
        believed = new BelievedClock(clock, steady, settings.retain(), watcher::trouble);
        this.watcher = watcher;
        replies = new LiveFile<>(settings.replies(), ReplyTable.shipped(), ReplyTable::with, watcher::trouble);
        expected = new LiveFile<>(settings.expected(), ExpectedRules.NONE, ExpectedRules::parse, watcher::trouble);
        upkeep = new Upkeep(clock.millis());
        writer.setDaemon(true);
    }

    /**
     * Opens what was recorded so far, and begins to write. Where there can be no store, which is said, everything is counted as not
     * recorded until there can be one.
     *
     * @param clock the machine's, by which comparisons are made
     * @param steady one that nobody can set, so that nothing is forgotten because the other was set ahead
     */
    public static Agreement open(AgreementSettings settings, Clock clock, Clock steady, AgreementWatcher watcher) {
        Agreement agreement = new Agreement(settings, clock, steady, watcher);
        synchronized (agreement.lock) {
            agreement.openStore();
            agreement.replies.refresh();
            agreement.expected.refresh();
        }
        agreement.writer.start();
        return agreement;
    }

    /** What a reply refuses, by the table and the operator's lines. */
    public Category categoryOf(Answer answer) {
        return replies.get().categoryOf(answer);
    }

    /** Takes one comparison. From any thread; waits for nothing and throws nothing. */
    public void record(Comparison comparison) {
        record(List.of(comparison));
    }

    /** Takes those of one copy, or of several: of one backup. The list is not changed any more by the caller. */
    public void record(List<Comparison> comparisons) {
        if (!closed && !comparisons.isEmpty()) {
            inbox.add(comparisons);
        }
    }

    /** Compares and writes down what was handed over until now. */
    public void flush() {
        synchronized (lock) {
            drain();
        }
    }

    /**
     * The answer, with all that was recorded until now.
     *
     * @param circumstances what is known besides, by the backup's name: one for each backup there is. A backup that was compared once and
     *        is not among them is shown and has no vote; without any, all have one
     */
    public Report report(Map<String, Circumstances> circumstances) {
        synchronized (lock) {
            drain();
            return new ReportMaker(store, settings, clock.millis()).make(circumstances);
        }
    }

    /** A count for the metrics. */
    public record Count(String backup, Relation relation, Category category, long count) {
    }

    /** All counts that are not zero, within the time that is kept. */
    public List<Count> counts() {
        synchronized (lock) {
            drain();
            List<Count> counts = new ArrayList<>();
            if (store != null) {
                int hour = store.firstHour(clock.millis());
                store.ledger().tallies().forEach(tally -> tally.forEach(hour,
                        (relation, category, count) -> counts.add(new Count(tally.backup, relation, category, count))));
            }
            return counts;
        }
    }

    /**
     * Begins a new epoch: what was compared so far stays readable ({@link #earlier}) and does not count any more.
     *
     * @param reason what has been changed
     * @param circumstances of the backups, for the last report of the epoch that ends: as for {@link #report}
     * @throws IOException when it cannot be written down; then the counts may begin anew or not, and it should be set again
     */
    public void mark(String reason, Map<String, Circumstances> circumstances) throws IOException {
        synchronized (lock) {
            drain();
            Store open = requireStore();
            new Epochs(settings, watcher::trouble).keep(new ReportMaker(open, settings, clock.millis()).make(circumstances), believed.millis());
            open.ledger().startAnew(clock.millis(), reason.length() > 200 ? reason.substring(0, 200) : reason);
            open.tables().startAnew();
            open.snapshot();
        }
    }

    /** The reports of the epochs before the last marks, the oldest first. */
    public List<Report> earlier() throws IOException {
        synchronized (lock) {
            return new Epochs(settings, watcher::trouble).all();
        }
    }

    /**
     * Forgets an address wherever it is kept: rows, examples, lists, earlier epochs.
     *
     * @return in how many places it was
     */
    public int forget(String address) throws IOException {
        synchronized (lock) {
            drain();
            return requireStore().forget(address);
        }
    }

    /** Shows each recipient that the primary has taken; nothing unless addresses are kept as they are. */
    public void recipients(Consumer<String> action) throws IOException {
        flush();
        new AddressList(settings.directory()).forEach(action);
    }

    /** Writes down what was handed over, and stops. What is recorded later is not. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        synchronized (lock) {
            drain();
            if (store != null) {
                store.close();
                store = null;
            }
        }
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(PAUSE_NANOS);
            synchronized (lock) {
                if (closed) {
                    return;
                }
                try {
                    long now = clock.millis();
                    upkeep.refresh(now, replies, expected);
                    drain();
                    maintain(now);
                } catch (RuntimeException | InternalError e) {
                    upkeep.failed();
                    complain("agreement: " + e);
                }
            }
        }
    }

    private void maintain(long now) {
        if (store == null) {
            if (upkeep.mayTryAgain(now)) {
                openStore();
            }
            return;
        }
        try {
            store.prune(believed.millis());
            if (upkeep.write(store, now) && complained) {
                complained = false;
                watcher.trouble("agreement: everything is written down again");
            }
        } catch (IOException e) {
            upkeep.failed();
            complain("agreement: cannot be written down, and would be lost if the relay was killed now: " + e);
        }
    }

    private void drain() {
        for (List<Comparison> next = inbox.poll(); next != null; ) {
            List<Entry> entries = new ArrayList<>(AT_ONCE);
            int count = 0;
            while (next != null && count < AT_ONCE) {
                for (Comparison comparison : next) {
                    addEntry(comparison, entries);
                }
                count += next.size();
                next = count < AT_ONCE ? inbox.poll() : null;
            }
            write(entries);
            inbox.done(count);
            next = inbox.poll();
        }
        foldUnrecorded();
    }

    private void addEntry(Comparison comparison, List<Entry> entries) {
        if (store == null) {
            inbox.addUnrecorded(comparison.backup(), 1);
            return;
        }
        try {
            if (comparison.at().toEpochMilli() > believed.latest()) {
                throw new IllegalArgumentException("the clock does not say " + comparison.at() + " yet");
            }
            LocalDate today = LocalDate.ofInstant(comparison.at(), settings.zone());
            Comparison.Result result = expected.get().apply(comparison.compare(replies.get()), comparison, today);
            entries.add(Entry.of(comparison, result, store.key(), settings.addresses()));
        } catch (RuntimeException e) {
            inbox.addUnrecorded(comparison.backup(), 1);
            unsaidCause = ", such as mail " + comparison.id() + ": " + e;
        }
    }

    private void write(List<Entry> entries) {
        Store open = store;
        if (open == null || entries.isEmpty()) {
            return;
        }
        upkeep.changed();
        entries.forEach(entry -> watcher.compared(entry.backup(), entry.relation(), entry.signature().category()));
        try {
            open.add(entries, this::tellNewKind);
        } catch (IOException | RuntimeException e) {
            upkeep.failed();
            complain("agreement: cannot be written down, and would be lost if the relay was killed now: " + e);
        }
    }

    private void tellNewKind(Kind kind, Entry entry) {
        Signature signature = kind.signature;
        Stage stage = signature.stage();
        String at = ReportTimes.text(entry.at());
        watcher.newKind(entry.backup(), new Report.Difference(signature.relation().text(), signature.category().text(),
                stage == null ? null : stage.text(), signature.primary(), signature.backup(), 1, at, at,
                List.of(new Report.Example(entry.id(), entry.sender(), entry.recipient(), at))));
    }

    private void foldUnrecorded() {
        Store open = store;
        if (open == null) {
            return;
        }
        inbox.takeUnrecorded((backup, count) -> {
            open.ledger().addUnrecorded(backup, count, believed.millis());
            upkeep.changed();
            unsaid += count;
        });
        if (unsaid > 0 && upkeep.maySay(clock.millis())) {
            watcher.trouble("agreement: " + unsaid + " comparisons were not recorded" + unsaidCause);
            unsaid = 0;
            unsaidCause = "";
        }
    }

    private void openStore() {
        try {
            Store open = Store.open(settings, watcher::trouble, believed.millis());
            believed.knowsOf(open.ledger().last());
            store = open;
            if (complained) {
                complained = false;
                watcher.trouble("agreement: what is compared is recorded again");
            }
        } catch (IOException | RuntimeException | InternalError e) {
            store = null;
            complain("agreement: nothing can be recorded in " + settings.directory() + ": " + e);
        }
    }

    private Store requireStore() throws IOException {
        if (store == null) {
            throw new IOException("nothing can be recorded in " + settings.directory());
        }
        return store;
    }

    /** The same trouble a thousand times is one line, until it is over. */
    private void complain(String line) {
        if (!complained) {
            complained = true;
            watcher.trouble(line);
        }
    }
}
