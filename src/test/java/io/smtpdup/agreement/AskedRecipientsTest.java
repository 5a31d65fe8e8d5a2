package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What speaks against a backup is kept, and nothing of the addresses. */
class AskedRecipientsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private AskedRecipients open(Instant now) {
        return new AskedRecipients(AgreementSettings.in(directory.resolve("agreement")), Clock.fixed(now, ZoneOffset.UTC), said::add);
    }

    @Test
    void isKeptAcrossARestartWithoutAnyAddress() throws IOException {
        AskedRecipients asked = open(NOW);
        asked.answered("new-25", "bob@b.test", false);
        asked.answered("new-25", "carol@b.test", false);
        asked.answered("other-25", "bob@b.test", true);
        asked.probed("other-25", "b.test", true);
        asked.write();

        AskedRecipients again = open(NOW);

        assertThat(again.failed("new-25")).isEqualTo(2);
        assertThat(again.failed("other-25")).isZero();
        assertThat(again.takesAny("new-25")).isFalse();
        assertThat(again.takesAny("other-25")).isTrue();
        Path file = directory.resolve("agreement/recipients");
        assertThat(Files.readString(file)).doesNotContain("bob", "carol", "b.test");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(said).isEmpty();
    }

    @Test
    void isOverWithALaterAnswer() {
        AskedRecipients asked = open(NOW);
        asked.answered("new-25", "bob@b.test", false);
        asked.probed("new-25", "b.test", true);

        asked.answered("new-25", "Bob@B.test", true);
        asked.probed("new-25", "b.test", false);

        assertThat(asked.failed("new-25")).isZero();
        assertThat(asked.takesAny("new-25")).isFalse();
    }

    @Test
    void beginsAnewAndForgets() throws IOException {
        AskedRecipients asked = open(NOW);
        asked.answered("new-25", "bob@b.test", false);
        asked.answered("other-25", "bob@b.test", false);
        asked.answered("other-25", "carol@b.test", false);

        assertThat(asked.forget("BOB@b.test")).isEqualTo(2);
        assertThat(asked.forget("bob@b.test")).isZero();
        assertThat(open(NOW).failed("other-25")).isEqualTo(1);

        asked.startAnew();
        assertThat(open(NOW).failed("other-25")).isZero();
    }

    @Test
    void countsAsLongAsComparisonsDo() {
        AskedRecipients asked = open(NOW);
        asked.answered("new-25", "bob@b.test", false);
        asked.write();

        assertThat(open(NOW.plus(Duration.ofDays(29))).failed("new-25")).isEqualTo(1);
        assertThat(open(NOW.plus(Duration.ofDays(32))).failed("new-25")).isZero();
    }

    @Test
    void aFileThatCannotBeReadCostsOnlyWhatIsInIt() throws IOException {
        open(NOW).answered("new-25", "bob@b.test", false);
        Files.writeString(directory.resolve("agreement/recipients"), "what?\n");

        AskedRecipients asked = open(NOW);

        assertThat(said).singleElement().asString().contains("begins anew");
        asked.answered("new-25", "bob@b.test", false);
        asked.write();
        assertThat(open(NOW).failed("new-25")).isEqualTo(1);
    }

    @Test
    void aDamagedFileIsKeptAside() throws IOException {
        open(NOW).startAnew();
        Path file = Files.createDirectories(directory.resolve("agreement")).resolve("recipients");
        Files.writeString(file, "what?\n");

        open(NOW).answered("new-25", "bob@b.test", false);

        assertThat(file).doesNotExist();
        assertThat(directory.resolve("agreement/damaged-" + NOW.toEpochMilli() + "/recipients")).hasContent("what?");
    }

    @Test
    void aFileThatCannotBeOpenedIsNotOverwritten() throws IOException {
        AskedRecipients before = open(NOW);
        before.answered("new-25", "bob@b.test", false);
        before.write();
        Path file = directory.resolve("agreement/recipients");
        Path good = Files.move(file, directory.resolve("good"));
        Files.createSymbolicLink(file, file); // which nobody can open

        AskedRecipients asked = open(NOW);
        asked.answered("new-25", "carol@b.test", false);
        asked.write();

        assertThat(said).singleElement().asString().contains("until it can be opened").doesNotContain("anew");
        assertThat(Files.isSymbolicLink(file)).isTrue();
        assertThat(directory.resolve("agreement/damaged-" + NOW.toEpochMilli())).doesNotExist();

        Files.move(good, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(asked.failed("new-25")).isEqualTo(1);
        asked.answered("new-25", "carol@b.test", false);
        asked.write();
        assertThat(open(NOW).failed("new-25")).isEqualTo(2);
    }

    @Test
    void saysOnceThatNothingCanBeWritten() throws IOException {
        AskedRecipients asked = open(NOW);
        Files.writeString(directory.resolve("agreement"), "in the way");

        asked.answered("new-25", "bob@b.test", false);
        asked.answered("new-25", "carol@b.test", false);
        asked.write();

        assertThat(said).hasSize(1);
        assertThat(asked.failed("new-25")).isZero();
    }
}
