package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written when, above all where the disk does not take it. */
class UpkeepTest {

    private static final long START = Samples.NOON.toEpochMilli();

    @TempDir
    Path directory;

    private final List<String> lines = new ArrayList<>();

    private final Upkeep upkeep = new Upkeep(START);

    private Store store;

    @BeforeEach
    void open() throws IOException {
        store = reopened();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void writesASnapshotThatFailsOnceAMinuteAndIsWellAgainOnlyAfterOneThatWorked() throws IOException {
        journalOfMoreThanItsSize();
        Path obstacle = Files.createDirectories(directory.resolve("state.new/in-the-way"));
        assertThatThrownBy(() -> upkeep.write(store, START + 1_000)).isInstanceOf(IOException.class);

        assertThat(upkeep.write(store, START + 1_250)).as("not tried again yet").isFalse();
        assertThat(upkeep.write(store, START + 60_900)).isFalse();
        assertThatThrownBy(() -> upkeep.write(store, START + 61_000)).isInstanceOf(IOException.class);

        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertThat(upkeep.write(store, START + 61_250)).as("not tried again yet").isFalse();
        assertThat(upkeep.write(store, START + 121_000)).as("a snapshot worked").isTrue();
        assertThat(store.journalSize()).isZero();
    }

    @Test
    void isNotWellAgainUntilASnapshotWorkedAfterSomethingElseFailed() throws IOException {
        assertThat(upkeep.write(store, START + 1_000)).isTrue();
        upkeep.failed();

        Path before = AgreementFixture.journal(directory);
        assertThat(upkeep.write(store, START + 1_250)).isTrue();

        assertThat(AgreementFixture.journal(directory)).as("written anew").isNotEqualTo(before);
    }

    /** The old journal cannot be removed, after the new snapshot has taken its place. */
    @Test
    void goesOnInTheJournalThatTheNextStartReads() throws IOException {
        store.add(List.of(entry("m1", Relation.REFUSED)), (kind, first) -> { });
        Path old = AgreementFixture.journal(directory);
        Files.delete(old);
        Path obstacle = Files.createDirectories(old.resolve("in-the-way"));

        assertThatThrownBy(store::snapshot).isInstanceOf(IOException.class);
        store.add(List.of(entry("m2", Relation.REFUSED)), (kind, first) -> { });

        Files.delete(obstacle);
        Files.delete(old);
        Store after = reopened();
        assertThat(after.ledger().tallies()).singleElement()
                .satisfies(tally -> assertThat(tally.count(Relation.REFUSED, 0)).isEqualTo(2));
        after.close();
    }

    private void journalOfMoreThanItsSize() throws IOException {
        String longId = "x".repeat(60_000);
        for (int i = 0; i < 300; i++) {
            store.add(List.of(entry(i + longId, Relation.AGREED)), (kind, first) -> { });
        }
        assertThat(store.journalSize()).isGreaterThan(16 << 20);
    }

    private static Entry entry(String id, Relation relation) {
        return new Entry(id.hashCode(), START, Samples.BACKUP, new Signature(relation, Category.ADDRESS, null, "", ""), id, "", "", null,
                -1, -1, -1);
    }

    private Store reopened() throws IOException {
        return Store.open(new AgreementSettings(directory, Addresses.HASHED, Duration.ofDays(30), null, null, Thresholds.DEFAULTS,
                ZoneOffset.UTC), lines::add, START);
    }
}
