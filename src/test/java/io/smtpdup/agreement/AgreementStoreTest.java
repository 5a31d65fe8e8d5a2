package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgreementStoreTest extends AgreementFixture {

    @Test
    void knowsAllAfterAStop() {
        Agreement before = open(Addresses.HASHED);
        before.record(Samples.refused("m1", "a@b.example", now));
        before.record(Samples.agreed("m2", "b@b.example", now));
        Report then = before.report(Map.of());
        before.close();

        Agreement after = open(Addresses.HASHED);
        assertThat(after.report(Map.of())).isEqualTo(then);

        after.record(Samples.agreed("m1", "a@b.example", now));
        assertThat(only(after).relations()).as("replaced after a restart").containsEntry("refused", 0L).containsEntry("agreed", 2L);
    }

    @Test
    void knowsWhatWasWrittenBeforeAKillAndSaysThatSomethingMayBeMissing() throws IOException {
        Agreement killed = open(Addresses.HASHED);
        killed.record(Samples.refused("m1", "a@b.example", now));
        killed.record(Samples.agreed("m2", "b@b.example", now));
        killed.flush();
        Path left = copyOf(directory.resolve("agreement"));

        Agreement after = open(left, Addresses.HASHED);

        assertThat(only(after).relations()).containsEntry("refused", 1L).containsEntry("agreed", 1L);
        assertThat(only(after).evidence().units()).isEqualTo(2);
        assertThat(only(after).evidence().gaps()).isEqualTo(1);
        assertThat(only(after).notes()).anyMatch(note -> note.code().equals("gaps"));
        assertThat(lines).anyMatch(line -> line.contains("did not stop in order"));
    }

    @Test
    void losesOnlyTheLastEntryOfAJournalThatIsCutOff() throws IOException {
        Agreement killed = open(Addresses.HASHED);
        killed.record(Samples.refused("m1", "a@b.example", now));
        killed.flush();
        killed.record(Samples.refused("m2", "b@b.example", now));
        killed.flush();
        Path left = copyOf(directory.resolve("agreement"));
        Path journal = journal(left);
        byte[] octets = Files.readAllBytes(journal);
        Files.write(journal, Arrays.copyOf(octets, octets.length - 3));

        assertThat(only(open(left, Addresses.HASHED)).relations()).containsEntry("refused", 1L);
        assertThat(lines).anyMatch(line -> line.contains("ends in the middle"));
    }

    @Test
    void setsADamagedStoreAside() throws IOException {
        Agreement before = open(Addresses.HASHED);
        before.record(Samples.refused("m1", "a@b.example", now));
        before.close();
        byte[] octets = damagedState();

        Agreement after = open(Addresses.HASHED);
        after.record(Samples.agreed("m2", "a@b.example", now));

        assertThat(only(after).relations()).containsEntry("refused", 0L).containsEntry("agreed", 1L);
        assertThat(lines).filteredOn(line -> line.contains("set aside")).hasSize(1);
        assertThat(directory.resolve("agreement").resolve("damaged-" + now.toEpochMilli()).resolve("state")).hasBinaryContent(octets);
    }

    @Test
    void remembersWhatIsMissingOfATableAsLongAsItWouldCount() throws IOException {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m1", "a@b.example", now));
        agreement.record(Samples.agreed("m2", "b@b.example", now));
        agreement.close();
        Files.write(directory.resolve("agreement/recipients-known"), new byte[17]);
        agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m3", "a@b.example", now));
        assertThat(only(agreement).coverage()).as("no more than all").isEqualTo(new Report.Coverage(2, 2));
        assertThat(only(agreement).evidence().untracked()).isEqualTo(1);

        agreement.close();
        agreement = open(Addresses.HASHED);
        assertThat(only(agreement).evidence().untracked()).as("after a restart").isEqualTo(1);

        now = now.plus(Duration.ofDays(31));
        agreement.record(Samples.agreed("m4", "a@b.example", now));
        assertThat(only(agreement).evidence().untracked()).isZero();
    }

    @Test
    void leavesGoodFilesOfOthersWhereTheyAre() throws IOException {
        open(Addresses.HASHED).close();
        List<String> others = List.of("history", "servers", "recipients");
        for (String name : others) {
            Files.writeString(directory.resolve("agreement").resolve(name), name);
        }
        damagedState();

        open(Addresses.HASHED).close();

        assertThat(others).allSatisfy(name -> assertThat(directory.resolve("agreement").resolve(name)).hasContent(name));
        Files.writeString(directory.resolve("agreement/key"), "lost");
        open(Addresses.HASHED);
        assertThat(directory.resolve("agreement/recipients")).as("hashes of a key that is gone").doesNotExist();
        assertThat(directory.resolve("agreement/history")).hasContent("history");
    }

    /** Returns what is in it now. */
    private byte[] damagedState() throws IOException {
        byte[] octets = Files.readAllBytes(directory.resolve("agreement/state"));
        octets[octets.length / 2] ^= 0x55;
        Files.write(directory.resolve("agreement/state"), octets);
        return octets;
    }

    @Test
    void setsAStoreAsideWhoseKeyIsDamaged() throws IOException {
        Agreement before = open(Addresses.HASHED);
        before.record(Samples.refused("m1", "a@b.example", now));
        before.close();
        Files.writeString(directory.resolve("agreement/key"), "lost");

        Agreement after = open(Addresses.HASHED);
        after.record(Samples.agreed("m2", "a@b.example", now));

        assertThat(only(after).relations()).containsEntry("refused", 0L).containsEntry("agreed", 1L);
        assertThat(only(after).coverage()).isEqualTo(new Report.Coverage(1, 1));
        assertThat(lines).filteredOn(line -> line.contains("the key is not hexadecimal")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "key"})
    void leavesAStoreAsItIsThatCannotBeOpenedForNow(String name) throws IOException {
        Agreement before = open(Addresses.HASHED);
        before.record(Samples.refused("m1", "a@b.example", now));
        before.close();
        Path file = directory.resolve("agreement").resolve(name);
        Path away = Files.move(file, directory.resolve(name));
        Files.createSymbolicLink(file, file);

        Agreement agreement = open(Addresses.HASHED);
        assertThat(agreement.report(Map.of()).backups()).isEmpty();
        Files.delete(file);
        Files.move(away, file);
        now = now.plusSeconds(61);

        await().untilAsserted(() -> assertThat(agreement.report(Map.of()).backups()).singleElement()
                .satisfies(backup -> assertThat(backup.relations()).containsEntry("refused", 1L)));
        assertThat(directory.resolve("agreement")).isDirectoryNotContaining("glob:**damaged-*");
        assertThat(lines).anyMatch(line -> line.contains("nothing can be recorded in"));
        assertThat(lines).anyMatch(line -> line.contains("recorded again"));
    }

    @Test
    void forgetsWhatWasSetAsideAsLongAgoAsAnythingIsKept() throws IOException {
        Path old = Files.createDirectories(directory.resolve("agreement/damaged-" + now.minus(Duration.ofDays(31)).toEpochMilli()));
        Files.writeString(old.resolve("state"), "old");
        Path young = Files.createDirectories(directory.resolve("agreement/damaged-" + now.minus(Duration.ofDays(29)).toEpochMilli()));

        open(Addresses.HASHED);

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void recordsAlsoWhereWhatIsTooOldCannotBeRemoved() throws IOException {
        long old = now.minus(Duration.ofDays(31)).toEpochMilli();
        Files.createDirectories(directory.resolve("agreement/damaged-" + old + "/not-ours/at-all"));

        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m", "a@b.example", now));

        assertThat(only(agreement).relations()).containsEntry("agreed", 1L);
        assertThat(lines).filteredOn(line -> line.contains("cannot be removed")).hasSize(1);
    }

    @Test
    void goesOnWhereThereCanBeNoStore() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        Agreement agreement = open(file.resolve("agreement"), Addresses.HASHED);
        agreement.record(Samples.agreed("m", "a@b.example", now));

        assertThat(agreement.report(Map.of(Samples.BACKUP, Circumstances.NONE)).verdict()).isEqualTo("inconclusive");
        assertThat(lines).anyMatch(line -> line.contains("nothing can be recorded in"));
    }
}
