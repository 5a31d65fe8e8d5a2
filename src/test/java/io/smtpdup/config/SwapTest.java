package io.smtpdup.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIOException;

/** Primary and backup change places in the settings, and nothing else changes. */
class SwapTest {

    private static final String OLD = "relay.destination_primary=old:25\nrelay.destination_backups=new:25\n";

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("application.properties");
    }

    private void given(String text) throws IOException {
        Files.writeString(file(), text);
    }

    private Swap swap(String backup) {
        return Swap.of(directory, Map.of(), backup, "");
    }

    private void assertSwapped(String before, String after) throws IOException {
        given(before);
        swap("new-25").write("aside");
        assertThat(Files.readString(file())).isEqualTo(after);
        assertThat(Files.readString(directory.resolve("aside"))).isEqualTo(before);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void changesTheTwoValuesAndNoOtherOctet() throws IOException {
        assertSwapped("""
                # Our servers, see relay.destination_primary=no:25
                ! another comment \\
                relay.tls = offered

                  relay.destination_primary : old:25
                smtp.domain=mx.example.com\\
                  .invalid
                relay.destination_backups = archive:25, new:25\r
                #relay.destination_backups=never:25
                own.key = caf\u00e9 \\u00e9""", """
                # Our servers, see relay.destination_primary=no:25
                ! another comment \\
                relay.tls = offered

                  relay.destination_primary : new:25
                smtp.domain=mx.example.com\\
                  .invalid
                relay.destination_backups = archive:25,old:25\r
                #relay.destination_backups=never:25
                own.key = caf\u00e9 \\u00e9""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "relay.destination_primary old:25        | relay.destination_primary new:25",
        "own\\=destination\\:primary=old:25    | own\\=destination\\:primary=old:25",
        "'relay.destination\\u005fprimary=old:25'| 'relay.destination\\u005fprimary=new:25'"})
    void knowsTheFormsOfALine(String before, String after) throws IOException {
        String other = before.startsWith("own") ? "relay.destination_primary=old:25\n" : "";
        assertSwapped(before + "\n" + other + "relay.destination_backups=new:25\n",
                after + "\n" + other.replace("old", "new") + "relay.destination_backups=old:25\n");
    }

    @Test
    void joinsAValueThatGoesOverSeveralLines() throws IOException {
        assertSwapped("relay.destination_backups = \\\n  a:25,\\\n  new:25,\\\r\n  b:25\nrelay.destination_primary=\\\n  old:25\nx=y\n",
                "relay.destination_backups=a:25,old:25,b:25\nrelay.destination_primary=new:25\nx=y\n");
    }

    @Test
    void keepsNumbersAndTheOrderOfTheList() throws IOException {
        assertSwapped("relay.destination_backups[1]=new:25\nrelay.destination_backups[0]=a:25\nrelay.destination_primary=old:25\n",
                "relay.destination_backups[1]=old:25\nrelay.destination_backups[0]=a:25\nrelay.destination_primary=new:25\n");
    }

    @Test
    void takesLoginsPlaceholdersAndSchemesAlong() throws IOException {
        given("relay.destination_primary=smtps://u%40x:p%2Cw@old\n"
                + "relay.destination_backups=me:{{env:PASSWORD}}@new:587?tls=required&rate=60&only=@a.example,b@c.example a:25\n");
        Swap swap = Swap.of(directory, Map.of("PASSWORD", "se cret"), "new-587", "");

        assertThat(swap.takenOff()).isEqualTo("rate=60&only=@a.example,b@c.example");
        assertThat(swap.lines()).noneMatch(line -> line.contains("p%2Cw"));
        swap.write("aside");

        assertThat(Files.readString(file())).isEqualTo("relay.destination_primary=me:{{env:PASSWORD}}@new:587?tls=required\n"
                + "relay.destination_backups=smtps://u%40x:p%2Cw@old,a:25\n");

        Swap.of(directory, Map.of("PASSWORD", "se cret"), "old-465", swap.takenOff()).write("again");
        assertThat(Files.readString(file())).isEqualTo("relay.destination_primary=smtps://u%40x:p%2Cw@old\n"
                + "relay.destination_backups=me:{{env:PASSWORD}}@new:587?tls=required&rate=60&only=@a.example,b@c.example,a:25\n");
    }

    @Test
    void keepsTheFilesModeAndFollowsALink() throws IOException {
        Path real = Files.createDirectory(directory.resolve("etc")).resolve("relay.properties");
        Files.writeString(real, OLD);
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(file(), real);

        swap("new-25").write("relay.properties.before");

        assertThat(file()).isSymbolicLink();
        assertThat(Files.readString(real)).startsWith("relay.destination_primary=new:25");
        assertThat(Files.getPosixFilePermissions(real)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Files.getPosixFilePermissions(real.resolveSibling("relay.properties.before")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    }

    @Test
    void canBeTakenBackUnlessSomebodyHasChangedTheFile() throws IOException {
        given(OLD);
        Swap.Undo undo = swap("new-25").write("aside");
        undo.run();
        assertThat(Files.readString(file())).isEqualTo(OLD);
        assertThat(directory.resolve("aside")).doesNotExist();

        Swap.Undo tooLate = swap("new-25").write("aside");
        Files.writeString(file(), "# mine\n" + Files.readString(file()));
        assertThatIOException().isThrownBy(tooLate::run).withMessageContaining("changed by somebody else");
        assertThat(Files.readString(file())).startsWith("# mine\nrelay.destination_primary=new:25");
    }

    @Test
    void saysWhatToWriteWhereItIsNotOneFile() throws IOException {
        Swap environment = Swap.of(directory, Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "old:25",
                "SMTP_DUP_RELAY_DESTINATION_BACKUPS", "a:25 u:secret@new:25"), "new-25", "rate=5");
        assertThat(environment.isInOneFile()).isFalse();
        assertThat(environment.isInEnvironment()).isTrue();
        assertThat(environment.lines()).containsExactly("SMTP_DUP_RELAY_DESTINATION_PRIMARY=u:***@new:25",
                "SMTP_DUP_RELAY_DESTINATION_BACKUPS=a:25,old:25?rate=5");

        Files.writeString(directory.resolve("config.yaml"), "relay:\n  destination_primary: old:25\n  destination_backups: [a:25, 'new:25']\n");
        Swap yaml = swap("new-25");
        assertThat(yaml.isInOneFile()).isFalse();
        assertThat(yaml.origin()).isEqualTo("config.yaml");
        assertThat(yaml.lines()).containsExactly("relay.destination_primary: 'new:25'", "relay.destination_backups: ['a:25', 'old:25']");

        given("relay.destination_primary=old:25\n");
        assertThat(swap("new-25").isInOneFile()).isFalse();
        assertThat(swap("new-25").origin()).isEqualTo("application.properties and config.yaml");
    }

    @Test
    void doesNotGuessWhatStandsInAVariable() throws IOException {
        given("relay.destination_primary=old:25\nrelay.destination_backups={{env:BACKUPS}}\n");

        assertThatIllegalArgumentException().isThrownBy(() -> Swap.of(directory, Map.of("BACKUPS", "a:25,new:25"), "new-25", ""))
                .withMessageContaining("does not stand by itself");
        assertThat(Swap.of(directory, Map.of("BACKUPS", "new:25"), "new-25", "").lines())
                .isEqualTo(List.of("relay.destination_primary={{env:BACKUPS}}", "relay.destination_backups=old:25"));
    }

    @Test
    void keepsALastLineThatEndsWithABackslash() throws IOException {
        assertSwapped(OLD + "own.key=x\\", "relay.destination_primary=new:25\nrelay.destination_backups=old:25\nown.key=x\\");
    }

    @Test
    void writesNothingOverWhatSomebodyHasChangedSinceItLooked() throws IOException {
        given(OLD);
        Swap swap = swap("new-25");
        given(OLD + "relay.tls=off\n");

        assertThatIOException().isThrownBy(() -> swap.write("aside")).withMessageContaining("changed by somebody else");
        assertThat(Files.readString(file())).isEqualTo(OLD + "relay.tls=off\n");
        assertThat(directory.resolve("aside")).doesNotExist();
    }

    @Test
    void overwritesNoEarlierFile() throws IOException {
        given(OLD);
        Files.writeString(directory.resolve("aside"), "mine");

        assertThatIOException().isThrownBy(() -> swap("new-25").write("aside"));
        assertThat(Files.readString(directory.resolve("aside"))).isEqualTo("mine");
        assertThat(Files.readString(file())).isEqualTo(OLD);
    }

    @Test
    void refusesAKeyThatIsSetTwice() throws IOException {
        given(OLD + "relay.destination_primary=other:25\n");

        assertThatIllegalArgumentException().isThrownBy(() -> swap("new-25")).withMessageContaining("is set more than once");
    }

    @Test
    void showsPlaceholdersAndNoPasswords() throws IOException {
        given("relay.destination_primary=u:secret@old:25\nrelay.destination_backups=me:{{env:PW}}@new:25\n");

        assertThat(Swap.of(directory, Map.of("PW", "hidden"), "new-25", "").lines()).containsExactly(
                "relay.destination_primary=me:{{env:PW}}@new:25", "relay.destination_backups=u:***@old:25");
    }

    @Test
    void readsAFileOfAnyLength() throws IOException {
        String comment = "#" + "x".repeat(200_000) + "\n";
        String value = "own=" + "y".repeat(200_000) + "\\\n".repeat(20_000) + "\n";

        assertSwapped(comment + value + OLD, comment + value
                + "relay.destination_primary=new:25\nrelay.destination_backups=old:25\n");
    }
}
