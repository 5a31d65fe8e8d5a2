package io.smtpdup.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.smtpdup.backup.Gates;
import io.smtpdup.backup.QuietCheck;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.CopyCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackupHistoryTest {

    @TempDir
    private Path directory;

    private final Map<CopyCounter, Long> counts = new EnumMap<>(CopyCounter.class);

    /** As it is kept over a reload. */
    private final Map<String, Long> counted = new HashMap<>();

    @ParameterizedTest
    @EnumSource(names = {"LOST", "DAMAGED"})
    void writesALossDownAsSoonAsItIsCounted(CopyCounter counter) throws IOException {
        BackupHistory history = history();
        history.lookIfCounted();
        assertThat(file()).as("there is nothing to tell").doesNotExist();

        counts.put(counter, 2L);
        history.lookIfCounted();

        BackupHistory.Sum known = history().of("new.example-25");
        assertThat(counter == CopyCounter.LOST ? known.lost() : known.damaged()).isEqualTo(2);
        Files.delete(file());
        history.lookIfCounted();
        assertThat(file()).as("it was told").doesNotExist();
    }

    @Test
    void doesNotCountWhatWasSetAsideBeforeAMarkUntilItIsGone() {
        BackupHistory history = history();
        assertThat(history.setAside("new.example-25", 3)).isEqualTo(3);
        history.startAnew();

        assertThat(history.setAside("new.example-25", 3)).isZero();
        assertThat(history.setAside("new.example-25", 4)).isEqualTo(1);
        assertThat(history.setAside("new.example-25", 1)).as("deleted").isZero();
        history.look();
        assertThat(history().setAside("new.example-25", 2)).as("those that came later are others").isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST", "DAMAGED"})
    void doesNotCountAgainAfterAReloadWhatWasCountedBeforeAMark(CopyCounter counter) {
        BackupHistory before = history();
        counts.put(counter, 1L);
        before.look();
        before.startAnew();
        before.end();

        BackupHistory after = history();
        after.look();
        assertThat(after.of("new.example-25")).isEqualTo(BackupHistory.Sum.NONE);
        counts.put(counter, 2L);
        before.look();
        after.look();
        BackupHistory.Sum known = after.of("new.example-25");
        assertThat(counter == CopyCounter.LOST ? known.lost() : known.damaged()).as("what came after it").isEqualTo(1);
    }

    @Test
    void hasAMarkHoldForAFileThatCannotBeRead() throws IOException {
        Files.createDirectories(file().getParent());
        Files.createSymbolicLink(file(), file().getFileName());

        history().startAnew();

        assertThat(file()).as("nobody reads what was there").isRegularFile().isEmptyFile();
    }

    private Path file() {
        return directory.resolve("agreement/history");
    }

    private BackupHistory history() {
        Settings settings = Settings.load(directory, Map.of(),
                Map.of("relay.destination_primary", "old.example:25", "relay.destination_backups", "new.example:25"));
        Clock clock = Clock.systemUTC();
        return new BackupHistory(file(), Duration.ofDays(30), new Gates(settings, null, null, clock),
                (counter, address) -> counts.getOrDefault(counter, 0L), counted,
                new QuietCheck(settings.primary(), settings.backups(), host -> List.of(), address -> ""), clock);
    }
}
