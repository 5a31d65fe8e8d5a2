package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the heads of the route files warn of is refused at the start, and an operator can have it all the same. */
class LossChecksTest {

    private static final String LIST = "            aggregationStrategy: \"#lostCopies\"\n";

    @TempDir
    private Path directory;

    @BeforeEach
    void copyRoutes() throws IOException {
        copy("routes");
    }

    private void copy(String from) throws IOException {
        Path routes = Files.createDirectories(directory.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName().toString()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "10-relay | executorService: \"#callerRuns\" | copy: true | tap | its wireTap to direct:copies needs executorService",
            "10-relay | - wireTap: | - stop: {}N        - wireTap: | tap | the step stop stands between",
            "10-relay | - wireTap: | - to: {id: other, uri: 'smtp:archive.example:25'}N        - wireTap: | tap | the step other stands between",
            "10-relay | - wireTap:N            id: tap | - wireTap: {uri: 'log:x', executorService: '#callerRuns'}N        - wireTap:N            copy: trueN            id: tap | | ",
            "40-undelivered | handled:N            constant:N              expression: \"true\"N          steps:N            - toD:N                id: aside | continued: {constant: {expression: \"true\"}}N          steps:N            - toD:N                id: aside | handled | it is continued",
            "10-relay | - wireTap: | - to: {uri: 'file:/tmp/x'}N        - wireTap: | tap | the step to stands between the primary and the wireTap",
            "10-relay | - wireTap: | - bean: {ref: recipients, method: none}N        - wireTap: | tap | the step bean stands between",
            "10-relay | noErrorHandler: {} | defaultErrorHandler: {} | error_handler | needs errorHandler: {noErrorHandler: {}}",
            "20-copies | aggregationStrategy: \"#lostCopies\" | ignoreInvalidEndpoints: false | copies | needs aggregationStrategy",
            "20-copies | executorService: \"#callerRuns\" | stopOnException: false | copies | needs executorService",
            "40-undelivered | uri: \"spool:damaged.${exchangeProperty.backup}\" | uri: \"log:damaged\" | | ",
    })
    void refusesWhatWouldLoseMailUnlessTheOperatorWantsIt(String file, String text, String instead, String key, String problem)
            throws IOException {
        edit(file, text.replace("N ", "\n "), instead.replace("N ", "\n "));

        if (key == null) {
            assertThatCode(() -> check(Map.of())).as("sent somewhere").doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> check(Map.of())).isInstanceOf(StartException.class).hasMessageContaining(problem)
                    .hasMessageContaining("routes.check_" + key + "=false").hasMessageStartingWith(file + ".camel.yaml:")
                    .hasMessageNotContaining("\n");
            assertThatCode(() -> check(Map.of("routes.check_" + key, "false"))).doesNotThrowAnyException();
        }
    }

    @Test
    void refusesATapOfTheCopiesBehindAnotherTapThatNobodyWaitsFor() throws IOException {
        edit("10-relay", "        - wireTap:\n", "        - wireTap: {uri: 'log:x', executorService: '#callerRuns'}\n        - wireTap:\n");
        edit("10-relay", "            uri: direct:copies\n            executorService: \"#callerRuns\"\n", "            uri: direct:copies\n");

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("its wireTap to direct:copies needs executorService");
    }

    @Test
    void allowsWhatStandsBehindTheTapAndAListenerThatDeliversElsewhere() throws IOException {
        edit("10-relay", "            executorService: \"#callerRuns\"\n",
                "            executorService: \"#callerRuns\"\n        - to: 'smtp:other.example:25?to=me@x.example'\n");
        Files.writeString(directory.resolve("routes/50-own.camel.yaml"), "- route: {id: own, from: {uri: 'smtp-server:127.0.0.1:0', steps: "
                + "[{to: 'smtp:other.example:25'}]}}\n");

        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
    }

    @Test
    void looksAtTheListInsideAFilterToo() throws IOException {
        Path route = directory.resolve("routes/20-copies.camel.yaml");
        String text = Files.readString(route);
        int list = text.indexOf("        - recipientList:");
        String filtered = text.substring(0, list) + "        - filter:\n            simple: {expression: '${header.a}'}\n            steps:\n"
                + text.substring(list).indent(6);
        Files.writeString(route, filtered);
        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();

        Files.writeString(route, filtered + "        - delay: {id: x, expression: {constant: {expression: '5'}}}\n");
        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("the step x runs in the thread of the spool");

        Files.writeString(route, filtered.replace("aggregationStrategy: \"#lostCopies\"", "stopOnException: false"));
        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("needs aggregationStrategy");
    }

    @ParameterizedTest
    @CsvSource({"on-copy,20-copies", "on-dead-letter,40-undelivered", "on-copies,"})
    void refusesARecipeThatWouldHearOfNothing(String hook, String file) throws IOException {
        Files.writeString(directory.resolve("routes/50-own.camel.yaml"), "- route: {id: own, from: {uri: 'direct:" + hook
                + ".mine', steps: [{log: x}]}}\n");
        if (file != null) {
            assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
            Path route = directory.resolve("routes/" + file + ".camel.yaml");
            Files.writeString(route, Files.readString(route).replaceAll(" *- process:\n( +(id|description|ref): .*\n)+", ""));
        }

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("50-own.camel.yaml")
                .hasMessageContaining(file == null ? "there is no hook on-copies" : "process: {ref: " + hook + "}");
    }

    @Test
    void refusesAQuestionThatWouldBeSentAsAMail() throws IOException {
        edit("50-questions", "                callout: true\n", "");

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("50-questions.camel.yaml")
                .hasMessageContaining("the step ask needs the parameter callout: true");
    }

    @Test
    void refusesABackupThatNobodyKnows() throws IOException {
        edit("30-backup", "backup: \"{{name}}\"", "backup: new.example:25");

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("no backup has the name new.example:25");
    }

    @Test
    void refusesAFailurePathThatEndsNowhere() throws IOException {
        edit("40-undelivered", "            - toD:\n                id: aside\n                uri: \"spool:damaged.${exchangeProperty.backup}\"\n", "");

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("damaged: it is handled, but no step sends the copy anywhere");
        assertThatCode(() -> check(Map.of("routes.check_handled", "false"))).doesNotThrowAnyException();
    }

    @Test
    void refusesRoutesWithoutATap() throws IOException {
        Path route = directory.resolve("routes/10-relay.camel.yaml");
        String text = Files.readString(route);
        Files.writeString(route, text.substring(0, text.indexOf("        - wireTap:")));

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("route relay").hasMessageContaining("no wireTap");
        assertThatCode(() -> check(Map.of("relay.destination_backups", ""))).as("nobody gets copies").doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"- to: {id: x, uri: 'file:/tmp/x'}", "- to: {id: x, uri: 'direct:copies'}", "- delay: {id: x, expression: {constant: {expression: '5'}}}",
        "- filter: {id: x, simple: {expression: '${header.a}'}, steps: [{to: 'smtp:other.example:25'}]}", "- toD: {id: x, uri: 'file:${header.a}'}"})
    void refusesAStepBehindTheQueuesThatMayWait(String step) throws IOException {
        edit("20-copies", LIST, LIST + "        " + step + "\n");

        assertThatThrownBy(() -> check(Map.of())).hasMessageContaining("the step x runs in the thread of the spool")
                .hasMessageContaining("routes.check_waiting=false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- log: x", "- wireTap: {uri: 'smtp:other.example:25'}", "- toD: 'spool:${header.x}'",
        "- filter: {simple: {expression: '${header.a}'}, steps: [{bean: {ref: recipients, method: none}}, {toD: 'spool:${header.x}'}]}"})
    void allowsAStepBehindTheQueuesThatDoesNotWait(String step) throws IOException {
        edit("20-copies", LIST, LIST + "        " + step + "\n");

        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
    }

    @Test
    void hasNothingAgainstTheRoutesOfAnEarlierVersion() throws IOException {
        for (String file : new String[] {"10-relay", "20-copies", "30-backup", "40-undelivered"}) {
            Files.delete(directory.resolve("routes/" + file + ".camel.yaml"));
        }
        copy("src/test/resources/earlier-routes");

        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
    }

    private void edit(String file, String text, String instead) throws IOException {
        Path route = directory.resolve("routes/" + file + ".camel.yaml");
        String original = Files.readString(route);
        assertThat(original).contains(text);
        Files.writeString(route, original.replace(text, instead));
    }

    private void check(Map<String, String> more) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "relay.destination_primary", "old.example:25", "relay.destination_backups", "new.example:25"));
        settings.putAll(more);
        try (Relay relay = new Relay(directory, Settings.load(directory, Map.of(), settings), false)) {
            relay.start();
        }
    }
}
