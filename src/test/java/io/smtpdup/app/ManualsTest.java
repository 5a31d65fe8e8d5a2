package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.command.Commands;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a shell completes, and what {@code man} shows. */
class ManualsTest {

    private final CommandLine program = new CommandLine(new SmtpDuplicator(Path.of("."), Map.of()));

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        Commands.addTo(program, directory, directory, Map.of());
        Manuals.write(program, directory, "smtp-duplicator 1.0");
    }

    @ParameterizedTest
    @CsvSource({"'smtp-duplicator tr', trace", "'smtp-duplicator dead ex', export", "'smtp-duplicator trace --rec', --recipient",
        "'smtp-duplicator queue list --', --backup"})
    void completesCommandsAndOptions(String line, String word) throws Exception {
        assumeThat(Path.of("/bin/bash")).exists();
        String script = "set -e; source completion/smtp-duplicator.bash; COMP_WORDS=(" + line + "); COMP_CWORD=$((${#COMP_WORDS[@]}-1));"
                + " COMP_LINE='" + line + "'; COMP_POINT=${#COMP_LINE}; COMPREPLY=(); set +e; _complete_smtp-duplicator; echo \"${COMPREPLY[@]}\"";

        assertThat(run("/bin/bash", "--norc", "-c", script).split("\\s+")).contains(word);
    }

    @Test
    void hasAPageForEachCommand() throws IOException {
        List<String> names = new ArrayList<>();
        collect(program, names);

        try (Stream<Path> pages = Files.list(directory.resolve("man/man1"))) {
            assertThat(pages.map(page -> page.getFileName().toString())).containsExactlyInAnyOrderElementsOf(names).contains("smtp-duplicator-dead-export.1");
        }
    }

    @Test
    void writesPagesThatTroffUnderstands() throws Exception {
        assumeThat(Path.of("/usr/bin/groff")).as("groff").exists();
        try (Stream<Path> pages = Files.list(directory.resolve("man/man1"))) {
            for (Path page : pages.toList()) {
                assertThat(run("/usr/bin/groff", "-ww", "-man", "-Tutf8", "-z", page.toString())).as(page.toString()).isEmpty();
            }
        }
    }

    @Test
    void saysTheSameOnEachPageAsTheHelp() throws IOException {
        String page = Files.readString(directory.resolve("man/man1/smtp-duplicator-trace.1"));

        assertThat(page).contains(".SH NAME", "smtp\\-duplicator\\-trace \\- Follow one mail", "\\fB\\-r\\fR, \\fB\\-\\-recipient\\fR=\\fIADDRESS\\fR",
                "Default: 100.", "Exit status: 0 found", "\\fBsmtp\\-duplicator\\fR(1)");
        assertThat(page.lines()).noneMatch(line -> line.startsWith(". ") || line.contains("${"));
    }

    private static void collect(CommandLine command, List<String> names) {
        names.add(command.getCommandSpec().qualifiedName("-") + ".1");
        command.getSubcommands().values().forEach(sub -> collect(sub, names));
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }
}
