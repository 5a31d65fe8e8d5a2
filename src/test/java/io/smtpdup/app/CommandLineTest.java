package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.smtpdup.command.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator types, before any relay is asked: there is none here. */
class CommandLineTest {

    @TempDir
    private Path here;

    @ParameterizedTest
    @ValueSource(strings = {"dead delete --reply=", "dead delete -r ''", "dead delete ''", "dead delete -b ' '", "dead delete --id=",
            "dead delete --reply '\t'", "dead delete --reply '\u00a0'", "dead delete --reply '\u200b'", "dead delete --reply '\ufeff'",
            "dead delete --reply 550 -r ''", "dead delete ID ''", "dead delete --reply ''  --all", "dead delete --all ID",
            "dead delete --all --reply 550", "dead delete --reply '550\u0000'", "dead delete --reply \ufffd", "dead delete",
            "dead delete --reply a --reply b", "dead delete --all --all", "dead requeue --reply=", "dead requeue", "dead export --reply=",
            "dead export", "dead export --all -d ''", "dead list --reply=", "dead show ''", "queue list -b ''", "queue show ''", "retry ''",
            "retry --reply=", "retry", "pause ''", "pause -b ''", "pause", "pause --all x", "resume ''", "resume", "resume x ''",
            "replay -b '' f", "replay -b x ''", "replay -b x --to '' f", "replay -b x --from '' f", "replay -b x --to j\ufffdrg@d.example f",
            "replay -b x --to j\ud800rg@d.example f", "replay -b x", "replay f", "queue --url ''", "queue drain",
            "queue drain ''", "queue drain x --to ''", "queue drain x y", "queue move --to x", "queue move -b x", "queue move -b x --to ''",
            "queue move -b '' --to x", "queue move --all -b x --to y", "queue delete", "queue delete --reply=", "queue delete --all x",
            "queue export", "queue export -b ''", "agreement -b ''", "agreement --url ''", "agreement mark", "agreement mark ''",
            "agreement forget", "agreement forget ''", "recipients check",
            "recipients check -b ''", "recipients check -b x ''", "recipients"})
    void endsWith2WhenAnArgumentSaysNothing(String line) {
        Result result = run(words(line));

        assertThat(result.status).as(result.err).isEqualTo(2);
        assertThat(result.err.lines().toList()).hasSize(2).first().asString().startsWith("smtp-duplicator: ");
        assertThat(result.out).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "status | there is no command status; the commands are queue, retry, pause, resume, dead, replay, health",
        "puase | there is no command puase: did you mean pause?; the commands are",
        "qeue list | there is no command qeue: did you mean queue?; the commands are",
        "stop | there is no command stop; the commands are",
        "dead delte --all | there is no command delte: did you mean delete?; the commands are list, show, requeue, export, delete",
        "queue flush | there is no command flush; the commands are list, show, drain, move, export, delete",
        "queue list --relpy x | there is no option --relpy: did you mean --reply?",
        "queue list --verbose | there is no option --verbose",
        "queue list --limit x | --limit: \"x\" is not a number",
        "queue list --reply | --reply needs a value: --reply TEXT",
        "queue list --reply a --reply b | --reply is given more than once",
        "replay | --backup BACKUP, FILE is missing",
        "replay -b | --backup needs a value: --backup BACKUP",
        "replay mail.eml | --backup BACKUP is missing",
        "health now | \"now\" is one argument too many",
        "agreement marc x | there is no command marc: did you mean mark?; the commands are mark, forget",
        "agreement --json --csv | --csv cannot be combined with --json",
        "dead delete --reply \u00f6\ufffd | --reply cannot be read in this locale: set LC_ALL=C.UTF-8",
    })
    void saysInOneLineWhatIsWrong(String line, String sentence) {
        Result result = run(words(line));

        assertThat(result.status).isEqualTo(2);
        assertThat(result.err.lines().findFirst().orElseThrow()).startsWith("smtp-duplicator: " + sentence);
        assertThat(result.err).doesNotContainIgnoringCase("unmatched", "parameter", "index", "int ");
        if (!sentence.contains("did you mean")) {
            assertThat(result.err).doesNotContain("did you mean");
        }
    }

    @Test
    void takesADomainForADomainAlsoWhenAFileHasItsName() throws IOException {
        Files.writeString(here.resolve("gone.example"), "--all");
        Files.writeString(Path.of("gone.example.argument-file"), "--all");
        try {
            Result result = run("dead", "delete", "-r", "@gone.example.argument-file");

            assertThat(result.status).isEqualTo(1);
            assertThat(result.err).contains("no relay answers");
        } finally {
            Files.delete(Path.of("gone.example.argument-file"));
        }
    }

    @Test
    void saysThatTheSettingsCannotBeReadBeforeAWrongRelayIsAsked() throws IOException {
        Path settings = here.resolve("application.properties");
        Files.createSymbolicLink(settings, settings); // which root cannot read either

        Result result = new Result(new String[] {"queue"}, Map.of());

        assertThat(result.status).isEqualTo(1);
        assertThat(result.err).startsWith("smtp-duplicator: application.properties: cannot be read").contains("--url").hasLineCount(1);
    }

    @Test
    void helpsWithEveryCommand() {
        for (String command : List.of("queue", "queue list", "queue show", "queue drain", "queue move",
                "queue export", "queue delete", "retry", "pause", "resume", "dead", "dead list", "dead show",
                "dead requeue", "dead export", "dead delete", "replay", "health", "trace", "agreement", "agreement mark", "agreement forget",
                "recipients", "recipients check")) {
            Result result = run((command + " --help").split(" "));
            assertThat(result.status).isZero();
            assertThat(result.out).contains("Usage: smtp-duplicator " + command);
            assertThat(result.out.lines()).allMatch(line -> line.length() <= 120);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "queue --help", "dead --help"})
    void saysInOneWholeSentenceWhatEachCommandDoes(String line) {
        Result result = run(line.split(" "));

        assertThat(result.out.lines().dropWhile(printed -> !printed.equals("Commands:")).skip(1).takeWhile(printed -> !printed.isEmpty()))
                .hasSizeGreaterThan(4)
                .allMatch(printed -> printed.matches(" {2}[a-z]+ +\\p{Lu}.*\\.") && !printed.contains(". "));
    }

    private final class Result {

        private final int status;

        private final String out;

        private final String err;

        Result(String[] arguments, Map<String, String> environment) {
            StringWriter printed = new StringWriter();
            StringWriter complained = new StringWriter();
            CommandLine program = new CommandLine(new SmtpDuplicator(here, environment));
            Commands.addTo(program, here, here, environment);
            program.setOut(new PrintWriter(printed)).setErr(new PrintWriter(complained));
            status = program.execute(arguments);
            out = printed.toString();
            err = complained.toString();
        }
    }

    private Result run(String... arguments) {
        return new Result(arguments, Map.of("SMTP_DUP_MANAGEMENT_PORT", "1"));
    }

    /** As a shell parts them, of which nothing but single quotes are known here. */
    private static String[] words(String line) {
        return java.util.regex.Pattern.compile("'([^']*)'|(\\S+)").matcher(line).results()
                .map(word -> word.group(1) != null ? word.group(1) : word.group(2)).toArray(String[]::new);
    }
}
