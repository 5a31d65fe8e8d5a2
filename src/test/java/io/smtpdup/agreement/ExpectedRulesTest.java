package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectedRulesTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-25");

    private static final Comparison REFUSED = Samples.of("id", "jack@Old.example", Samples.TOOK, Fate.REFUSED, Samples.UNKNOWN_USER);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            address | * | * | * | 2026-12-31 | because;                                    expected
            * | 550 5.1.1* | * | * | 2026-12-31 | because;                                 expected
            * | * | @old.example | new.example-25 | 2026-11-25 | because;                  expected
            address | *unknown | JACK@old.example | * | 2026-12-31 | a | b;                expected
            address | * | * | * | 2026-11-24 | over since yesterday;                       refused
            size | * | * | * | 2026-12-31 | because;                                       refused
            * | *quota* | * | * | 2026-12-31 | because;                                    refused
            * | * | @new.example | * | 2026-12-31 | because;                               refused
            * | * | jack@new.example | * | 2026-12-31 | because;                           refused
            address | * | * | other.example-25 | 2026-12-31 | because;                     refused
            """)
    void fitsWhatAllItsColumnsSayUntilItsDay(String line, String relation) throws BadLineException {
        ExpectedRules rules = ExpectedRules.parse(List.of("# head", line), "expected");

        assertThat(rules.apply(REFUSED.compare(ReplyTable.shipped()), REFUSED, DAY).relation().text()).isEqualTo(relation);
    }

    @Test
    void leavesWhatAgrees() throws BadLineException {
        ExpectedRules rules = ExpectedRules.parse(List.of("* | * | @b.example | * | 2026-12-31 | because"), "expected");
        Comparison agreed = Samples.agreed("id", "a@b.example", Samples.NOON);

        assertThat(rules.apply(agreed.compare(ReplyTable.shipped()), agreed, DAY).relation()).isEqualTo(Relation.AGREED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            address | * | * | * | 2026-12-31;                has 5 columns
            address | * | * | * | tomorrow | because;        must be a day
            address | * | * | * | 2026-12-31 | *;            has no reason
            * | * | * | * | 2026-12-31 | because;            expects everything
            nonsense | * | * | * | 2026-12-31 | because;     is no category
            address | * | old.example | * | 2026-12-31 | x;  must be an address, @domain or *
            address | | * | * | 2026-12-31 | because;        column 2 is empty
            """)
    void namesTheLineThatIsWrong(String line, String problem) {
        assertThatThrownBy(() -> ExpectedRules.parse(List.of("", line), "expected.rules"))
                .isInstanceOf(BadLineException.class).hasMessageStartingWith("expected.rules:2: ").hasMessageContaining(problem);
    }

    @Test
    void keepsTheOldRulesWhenTheNewFileIsWrong() throws Exception {
        Path file = directory.resolve("rules");
        List<String> problems = new ArrayList<>();
        LiveFile<ExpectedRules> live = new LiveFile<>(file, ExpectedRules.NONE, ExpectedRules::parse, problems::add);
        live.refresh();
        assertThat(relationBy(live)).as("no file").isEqualTo(Relation.REFUSED);

        Files.writeString(file, "address | * | * | * | 2026-12-31 | because\n");
        live.refresh();
        assertThat(relationBy(live)).as("a good one").isEqualTo(Relation.EXPECTED);

        Files.writeString(file, "address | * | * | * | 2026-12-31\n");
        Files.setLastModifiedTime(file, FileTime.from(Samples.NOON));
        live.refresh();
        live.refresh();
        assertThat(relationBy(live)).as("a wrong one").isEqualTo(Relation.EXPECTED);
        assertThat(problems).singleElement().asString().startsWith(file + ":1: has 5 columns");

        Files.delete(file);
        live.refresh();
        assertThat(relationBy(live)).as("none any more").isEqualTo(Relation.REFUSED);
    }

    @Test
    void saysTheSameTroubleOnceAndReadsTheFileWhenItIsOver() throws Exception {
        Path file = directory.resolve("rules");
        List<String> problems = new ArrayList<>();
        LiveFile<ExpectedRules> live = new LiveFile<>(file, ExpectedRules.NONE, ExpectedRules::parse, problems::add);
        Files.createSymbolicLink(file, file);
        live.refresh();
        live.refresh();
        assertThat(problems).singleElement().asString().startsWith(file + ": cannot be read");

        Files.delete(file);
        Files.writeString(file, "address | * | * | * | 2026-12-31 | because\n");
        live.refresh();
        assertThat(relationBy(live)).isEqualTo(Relation.EXPECTED);
        assertThat(problems).hasSize(1);
    }

    private static Relation relationBy(LiveFile<ExpectedRules> live) {
        return live.get().apply(REFUSED.compare(ReplyTable.shipped()), REFUSED, DAY).relation();
    }
}
