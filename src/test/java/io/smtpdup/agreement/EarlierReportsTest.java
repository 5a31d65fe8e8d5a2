package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One report of an earlier epoch cannot be read, and the others can. */
class EarlierReportsTest extends AgreementFixture {

    private Agreement agreement;

    private Path damaged;

    @BeforeEach
    void threeEpochs() throws IOException {
        agreement = open(Addresses.PLAIN);
        for (int i = 0; i < 3; i++) {
            agreement.record(Samples.refused("m" + i, "jack@b.example", now));
            agreement.mark("epoch " + i, Map.of());
            now = now.plus(Duration.ofHours(1));
        }
        agreement.record(Samples.refused("m", "jack@b.example", now));
        try (Stream<Path> files = Files.list(directory.resolve("agreement/epochs"))) {
            damaged = files.sorted().toList().get(1);
        }
    }

    @Test
    void setsADamagedOneAsideAndShowsTheOthers() throws IOException {
        Files.writeString(damaged, "{\"verdict\":");

        assertThat(agreement.earlier()).hasSize(2);

        assertThat(damaged).doesNotExist();
        assertThat(directory.resolve("agreement/damaged-" + Samples.NOON.plus(Duration.ofHours(1)).toEpochMilli())
                .resolve(damaged.getFileName())).hasContent("{\"verdict\":");
        assertThat(lines).filteredOn(line -> line.contains("damaged and was set aside")).hasSize(1);
    }

    @Test
    void forgetsAnAddressInAllOthers() throws IOException {
        Files.writeString(damaged, "{\"verdict\":");

        assertThat(agreement.forget("jack@b.example")).isPositive();

        assertForgotten();
    }

    @Test
    void forgetsAnAddressEverywhereElseAndSaysSoWhereOneCannotBeOpened() throws IOException {
        Files.delete(damaged);
        Files.createSymbolicLink(damaged, damaged);

        assertThat(agreement.earlier()).hasSize(2);
        assertThat(lines).anyMatch(line -> line.contains("left out") && line.contains(damaged.getFileName().toString()));
        assertThatThrownBy(() -> agreement.forget("jack@b.example")).isInstanceOf(IOException.class)
                .hasMessageContaining(damaged.getFileName().toString());

        assertForgotten();
    }

    private void assertForgotten() throws IOException {
        assertThat(directory.resolve("agreement/addresses")).isEmptyFile();
        assertThat(agreement.earlier()).hasSize(2).allSatisfy(report -> assertThat(examples(report)).isEmpty());
        Report now = agreement.report(Map.of());
        assertThat(examples(now)).isEmpty();
        assertThat(now.backups().get(0).coverage().exercised()).isZero();
    }

    private static List<Report.Example> examples(Report report) {
        return report.backups().stream().flatMap(backup -> backup.differences().stream())
                .flatMap(difference -> difference.examples().stream()).toList();
    }
}
