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
            "10-relay | executorService: \"#callerRuns\" | copy: true | tap | its wireTap needs executorService",
            "10-relay | - wireTap: | - to: {uri: 'file:/tmp/x'}N        - wireTap: | tap | the step to stands between the primary and the wireTap",
            "10-relay | - wireTap: | - bean: {ref: recipients, method: none}N        - wireTap: | tap | the step bean stands between",
            "10-relay | noErrorHandler: {} | defaultErrorHandler: {} | error_handler | needs errorHandler: {noErrorHandler: {}}",
            "20-copies | aggregationStrategy: \"#lostCopies\" | ignoreInvalidEndpoints: false | copies | needs aggregationStrategy",
            "20-copies | executorService: \"#callerRuns\" | stopOnException: false | copies | needs executorService",
            "40-undelivered | uri: \"spool:damaged.${exchangeProperty.backup}\" | uri: \"log:damaged\" | | ",
    })
    void refusesWhatWouldLoseMailUnlessTheOperatorWantsIt(String file, String text, String instead, String key, String problem)
            throws IOException {
        edit(file, text, instead.replace("N ", "\n "));

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
