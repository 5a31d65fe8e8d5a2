package io.smtpdup.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongBiFunction;

import io.smtpdup.backup.Gate;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.QuietCheck;
import io.smtpdup.ops.CopyCounter;

/**
 * How long each backup was away, how many copies for it were lost or damaged, and what mail it has sent to the relay: what no
 * comparison shows, and who judges a backup must know. By the hour and in a file, so that a restart makes no backup better. Somebody
 * has it {@link #look} now and then; what went away and came back between two looks does not count, and a kill loses what came after
 * the last. Safe for use by several threads.
 */
public final class BackupHistory {

    private static final long HOUR_SECONDS = 3_600;

    /** In the place of the hour: how many damaged copies lay there at a mark. */
    private static final String MARKED = "marked";

    private static final String LOST = "lost ";

    private static final String DAMAGED = "damaged ";

    private static final String LOOPS = "loops ";

    private static final String ECHOES = "echoes ";

    private final HistoryFile file;

    private final Duration kept;

    private final Gates gates;

    private final ToLongBiFunction<CopyCounter, String> counters;

    private final QuietCheck quiet;

    private final Clock clock;

    private final Map<String, TreeMap<Long, Sum>> hours = new HashMap<>();

    /** How much of what the process counts is in the hours already. */
    private final Map<String, Long> counted;

    /** How much of what came from the backups is. */
    private final Map<String, Long> met = new HashMap<>();

    /** How many copies of a backup's lay among the damaged ones when somebody looked last. */
    private final Map<String, Long> aside = new HashMap<>();

    /** How many of these lay there at the last mark, and do. */
    private final Map<String, Long> marked = new HashMap<>();

    private final Map<String, Boolean> wasAway = new HashMap<>();

    private Instant lastLook;

    private boolean changed;

    private boolean ended;

    /**
     * Reads what is known.
     *
     * @param file made when missing, by the first look that has something to write
     * @param kept how long an hour counts
     * @param counters what is counted of a backup's copies, by its address, since the process began
     * @param counted how much of that an earlier one of these has seen; filled in here, for the next one
     * @param quiet knows what mail came from the backups since there is this history
     * @param clock of the gates
     */
    public BackupHistory(Path file, Duration kept, Gates gates, ToLongBiFunction<CopyCounter, String> counters, Map<String, Long> counted,
            QuietCheck quiet, Clock clock) {
        this.file = new HistoryFile(file, "how long backups were away, and what was lost,", this::readFrom);
        this.kept = kept;
        this.gates = gates;
        this.counters = counters;
        this.counted = counted;
        this.quiet = quiet;
        this.clock = clock;
        lastLook = clock.instant();
        this.file.read();
    }

    /** Of an hour, or of several. */
    record Sum(long awayMillis, long lost, long damaged, long loops, long echoes) {

        static final Sum NONE = new Sum(0, 0, 0, 0, 0);

        Sum and(Sum other) {
            return new Sum(awayMillis + other.awayMillis, lost + other.lost, damaged + other.damaged,
                    loops + other.loops, echoes + other.echoes);
        }
    }

    /** The same when a loop, an echo or a loss was counted since, which keeps a backup from being ready: for every second. */
    synchronized void lookIfCounted() {
        for (Gate gate : gates.all()) {
            if (isMore(counted, LOST + gate.address(), counters.applyAsLong(CopyCounter.LOST, gate.address()))
                    || isMore(counted, DAMAGED + gate.address(), counters.applyAsLong(CopyCounter.DAMAGED, gate.address()))
                    || isMore(met, LOOPS + gate.name(), quiet.loops(gate.name())) || isMore(met, ECHOES + gate.name(), quiet.echoes(gate.name()))) {
                look();
                return;
            }
        }
    }

    private static boolean isMore(Map<String, Long> seen, String what, long now) {
        return now > seen.getOrDefault(what, 0L);
    }

    /** Adds what has happened until now; from then on another one does. */
    synchronized void end() {
        look();
        ended = true;
    }

    /** Adds what has happened since the look before. */
    synchronized void look() {
        if (ended) {
            return;
        }
        file.read();
        Instant now = clock.instant();
        long hour = hour(now);
        for (Gate gate : gates.all()) {
            Gate.Snapshot seen = gate.snapshot();
            Instant until = seen.state() == Gate.State.AWAY ? now : wasAway.getOrDefault(gate.name(), false) ? seen.since() : lastLook;
            Instant from = seen.state() == Gate.State.AWAY && seen.since().isAfter(lastLook) ? seen.since() : lastLook;
            wasAway.put(gate.name(), seen.state() == Gate.State.AWAY);
            Sum more = new Sum(Math.max(0, Duration.between(from, until).toMillis()),
                    more(counted, LOST + gate.address(), counters.applyAsLong(CopyCounter.LOST, gate.address())),
                    more(counted, DAMAGED + gate.address(), counters.applyAsLong(CopyCounter.DAMAGED, gate.address())),
                    more(met, LOOPS + gate.name(), quiet.loops(gate.name())), more(met, ECHOES + gate.name(), quiet.echoes(gate.name())));
            if (!more.equals(Sum.NONE)) {
                hours.computeIfAbsent(gate.name(), unused -> new TreeMap<>()).merge(hour, more, Sum::and);
                changed = true;
            }
        }
        lastLook = now;
        hours.values().forEach(known -> known.headMap(hour(now.minus(kept))).clear());
        write();
    }

    private static long more(Map<String, Long> seen, String what, long now) {
        Long before = seen.put(what, now);
        return Math.max(0, now - (before == null ? 0 : before));
    }

    /** Within what is kept, and since the last mark. */
    synchronized Sum of(String backup) {
        return hours.getOrDefault(backup, new TreeMap<>()).values().stream().reduce(Sum.NONE, Sum::and);
    }

    /**
     * How many copies have been set aside since the last mark, and still are.
     *
     * @param now how many lie among the damaged ones, from whichever time
     */
    synchronized long setAside(String backup, long now) {
        long before = marked.getOrDefault(backup, 0L);
        long left = Math.min(before, now);
        if (left < before) {
            marked.put(backup, left);
            changed = true;
        }
        aside.put(backup, now);
        return now - left;
    }

    /** Forgets what was, because the backup is another one now. */
    synchronized void startAnew() {
        look();
        changed |= file.startAnew() || !hours.isEmpty() || !marked.equals(aside);
        hours.clear();
        marked.clear();
        marked.putAll(aside);
        write();
    }

    private static long hour(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), HOUR_SECONDS);
    }

    private void readFrom(byte[] content) {
        Map<String, TreeMap<Long, Sum>> read = new HashMap<>();
        Map<String, Long> lay = new HashMap<>();
        new String(content, StandardCharsets.UTF_8).lines().forEach(line -> {
            String[] words = line.split(" ");
            if (words[1].equals(MARKED)) {
                lay.put(words[0], number(words, 2));
                return;
            }
            read.computeIfAbsent(words[0], unused -> new TreeMap<>()).put(Long.valueOf(words[1]),
                    new Sum(number(words, 2), number(words, 3), number(words, 4), number(words, 5), number(words, 6)));
        });
        read.forEach((backup, known) -> known.forEach((hour, sum) ->
                hours.computeIfAbsent(backup, unused -> new TreeMap<>()).merge(hour, sum, Sum::and)));
        marked.putAll(lay);
    }

    /** A line of an earlier version has fewer. */
    private static long number(String[] words, int place) {
        return place < words.length ? Long.parseLong(words[place]) : 0;
    }

    private void write() {
        if (changed && file.write(this::writeTo)) {
            changed = false;
        }
    }

    private void writeTo(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder();
        hours.forEach((backup, known) -> known.forEach((hour, sum) -> text.append(backup).append(' ').append(hour).append(' ')
                .append(sum.awayMillis).append(' ').append(sum.lost).append(' ').append(sum.damaged).append(' ')
                .append(sum.loops).append(' ').append(sum.echoes).append('\n')));
        marked.forEach((backup, copies) -> text.append(backup).append(' ').append(MARKED).append(' ').append(copies).append('\n'));
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
