package io.smtpdup.cutover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.smtpdup.agreement.Damaged;
import io.smtpdup.message.PrivateFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was the primary since when and why, in a file of the spool's directory, so that it is known after a restart as well. A file that makes
 * no sense is set aside, and the history begins anew. One that cannot be opened (no right to, too many open files) may be quite good: it is
 * tried again, and not written over until it was read. Neither stops anything. Safe for use by several threads.
 */
public final class PrimaryHistory {

    private static final int MOST = 100;

    private static final String DAMAGED = "history.damaged";

    /** A plan that nobody has carried out until then was dropped. */
    private static final Duration PLAN_ENDS = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(PrimaryHistory.class);

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private final Path directory;

    private final Path file;

    private final Clock clock;

    private final ReentrantLock switching = new ReentrantLock();

    private List<Turn> turns = new ArrayList<>();

    private @Nullable Turn plan;

    /** Whether what is in the file is known. */
    private boolean known;

    private boolean complained;

    /** Who is the primary; null before {@link #follow}. */
    private @Nullable String followed;

    /** All that is in the file. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Content(List<Turn> turns, @Nullable Turn plan) {
    }

    /** @param directory where it is, made when missing */
    public PrimaryHistory(Path directory, Clock clock) {
        this.directory = directory;
        file = directory.resolve("history.json");
        this.clock = clock;
        read();
    }

    /** One switch at a time: who changes the primary holds this, whichever settings are in force by then. */
    public ReentrantLock switching() {
        return switching;
    }

    private void read() {
        try {
            Content content = MAPPER.readValue(Files.readAllBytes(file), Content.class);
            turns = new ArrayList<>(List.copyOf(content.turns));
            plan = content.plan;
            known = true;
        } catch (NoSuchFileException e) {
            known = true; // the first start
        } catch (IOException | RuntimeException e) {
            if (Damaged.isMeantBy(e)) {
                setAside(e);
            } else {
                complain("who was the primary before cannot be read now, which is tried again, and is not written over until then: " + e);
            }
        }
    }

    /** Tries again to read what could not be read, and goes on from there. */
    private void readAgain() {
        if (!known) {
            read();
            if (known && followed != null) {
                begin(followed);
            }
        }
    }

    private void setAside(Exception damage) {
        try {
            Files.move(file, directory.resolve(DAMAGED), StandardCopyOption.REPLACE_EXISTING);
            known = true;
            LOG.warn("who was the primary before cannot be read from {}, which is kept as {}, and is not known any more: {}", file, DAMAGED,
                    damage.toString());
        } catch (IOException e) {
            complain("who was the primary before cannot be read from " + file + " (" + damage + "), which cannot be set aside: " + e);
        }
    }

    /** The same trouble again and again is one line. */
    private void complain(String line) {
        if (!complained) {
            complained = true;
            LOG.warn(line);
        }
    }

    /**
     * Tells who is the primary from now on; nothing when it is so already.
     *
     * @param primary host:port
     * @return the turn that has begun, when one has
     */
    public synchronized @Nullable Turn follow(String primary) {
        readAgain();
        followed = primary;
        return begin(primary);
    }

    private @Nullable Turn begin(String primary) {
        Turn last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
        if (last != null && last.primary().equals(primary)) {
            return null;
        }
        Instant now = clock.instant();
        String before = last == null ? null : last.primary();
        Turn meant = meant();
        Turn turn = meant != null && meant.primary().equals(primary)
                ? new Turn(primary, now.toString(), before, meant.how(), meant.reason(), meant.verdict(), meant.takenOff())
                : new Turn(primary, now.toString(), before, last == null ? Turn.How.FIRST : Turn.How.SETTINGS, null, null, "");
        turns.add(turn);
        if (turns.size() > MOST) {
            turns.remove(0);
        }
        plan = null;
        write();
        return turn;
    }

    /**
     * Remembers what somebody is about to do, so that the turn that follows is known for what it is, if it follows.
     *
     * @throws UncheckedIOException when it cannot be written down
     */
    public synchronized void plan(Turn next) {
        readAgain();
        plan = next;
        try {
            writeOrFail();
        } catch (IOException e) {
            plan = null;
            throw new UncheckedIOException(e);
        }
    }

    /** What was planned does not come. */
    public synchronized void drop() {
        readAgain();
        if (plan != null) {
            plan = null;
            write();
        }
    }

    /** What somebody has announced within the last day and is not in force yet; null for nothing. */
    public synchronized @Nullable Turn planned() {
        readAgain();
        return meant();
    }

    private @Nullable Turn meant() {
        Turn meant = plan;
        return meant != null && clock.instant().isBefore(meant.begun().plus(PLAN_ENDS)) ? meant : null;
    }

    /** The turn that goes on; null before {@link #follow}. */
    public synchronized @Nullable Turn current() {
        readAgain();
        return turns.isEmpty() ? null : turns.get(turns.size() - 1);
    }

    /** All that is known, the latest last. */
    public synchronized List<Turn> turns() {
        readAgain();
        return List.copyOf(turns);
    }

    private void write() {
        try {
            writeOrFail();
        } catch (IOException e) {
            LOG.warn("who is the primary since when cannot be written to {}: {}", file, e.toString());
        }
    }

    private void writeOrFail() throws IOException {
        if (!known) {
            throw new IOException(file + " cannot be read now, and is not written over");
        }
        byte[] content = MAPPER.writeValueAsBytes(new Content(turns, plan));
        Path half = file.resolveSibling(file.getFileName() + ".new");
        PrivateFiles.directory(directory);
        Files.deleteIfExists(half);
        PrivateFiles.write(half, out -> out.write(content));
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        PrivateFiles.sync(directory);
    }
}
