package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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

/** A slip in a route file is one line at the start, and not a storm when the step's turn comes. */
class RouteChecksTest {

    private static final String OWN_ROUTE = """
            - route:
                id: own
                from:
                  uri: direct:own
                  steps:
                    - to: log:before
            %s
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void copyRoutes() throws IOException {
        Files.createDirectory(directory.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve("routes").resolve(file.getFileName().toString()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "new.example:25"})
    void acceptsTheRoutesAsTheyAre(String backups) {
        assertThatCode(() -> check(backups)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            // the failure path, also when no backup is there to have it made
            "40-undelivered | spool:dead.$ | spoll:dead.$ | configuration undelivered-copies, step dead-letter: no component for spoll:",
            "40-undelivered | spool:dead.$ | spool:daed.$ | step dead-letter: no queue begins with daed.",
            "40-undelivered | spool:$ | spol:$ | step part: no component for spol:",
            "40-undelivered | spool:backup.$ | spools:backup.$ | step again: no component for spools:",
            "40-undelivered | method: giveUp | method: giveup | the bean undelivered has no method giveup, but giveUp",
            "40-undelivered | ref: deadLetters | ref: deadLeters | there is no bean deadLeters",
            "40-undelivered | undelivered?method=isAway | undelivered?method=isAwy | the bean undelivered has no method isAwy",
            "40-undelivered | undelivered?method=isMixed | undeliverd?method=isMixed | there is no bean undeliverd",
            "40-undelivered | parts(*) | parts(*, 1m) | no method parts of the bean undelivered takes 2 arguments",
            // the template
            "30-backup | smtp:{{address}} | smpt:{{address}} | template backup, step deliver: no component for smpt:",
            "30-backup | ref: gates | ref: gate | template backup, step turn: there is no bean gate",
            "30-backup | spool:backup.{{name}} | jmx:queue:backup.{{name}} | no component for jmx:",
            // what routes of an earlier version say
            "30-backup | spool:backup.{{name}} | jms:queue:backup.{{name}} | jms: no longer exists, write spool:backup.{{name}} instead",
            "40-undelivered | spool:dead.$ | jms:queue:dead.$ | step dead-letter: jms: no longer exists, write spool:dead.${exchangeProperty.backup} instead",
            "40-undelivered | spool:$ | jms:$ | step part: jms: no longer exists, write spool:${header.CamelCopyQueue} instead",
            // the way in, and the copies
            "20-copies | synchronous: true | synchronous: false | direct:copies needs the parameter synchronous: true",
            "20-copies | synchronous: true | block: true | the client hears 250 before its copies are on disk",
            "20-copies | bean:lostCopies | bean:lostCopy | there is no bean lostCopy",
            "20-copies | bean:lostCopies | baen:lostCopies | no component for baen:",
            "20-copies | bean:backups?method=queues | bean:backups?method=queus | the bean backups has no method queus",
            "10-relay | uri: direct:copies | uri: dircet:copies | step tap: no component for dircet:",
            "10-relay | uri: direct:copies | uri: direct:copy | no route begins with direct:copy",
    })
    void tellsTheFileTheStepAndWhatIsWrong(String file, String text, String instead, String problem) throws IOException {
        Path route = directory.resolve("routes/" + file + ".camel.yaml");
        String original = Files.readString(route);
        assertThat(original).contains(text);
        Files.writeString(route, original.replace(text, instead));

        for (String backups : new String[] {"", "new.example:25"}) {
            assertThatThrownBy(() -> check(backups)).isInstanceOf(StartException.class).satisfies(refusal ->
                    assertThat(refusal.getMessage()).startsWith(file + ".camel.yaml:").contains(problem.strip())
                            .doesNotContain("\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- toD: 'jmz:queue:${header.x}'",
        "- toD: {id: x, uri: 'jmz:queue', parameters: {timeToLive: 1}}",
        "- wireTap: {uri: 'jmz:queue:${header.x}'}",
        "- recipientList: {expression: {constant: {expression: 'log:a,jmz:queue:b'}}}",
        "- recipientList: {expression: {simple: {expression: 'log:${header.a},jmz:${header.b}'}}}",
        "- enrich: {expression: {constant: {expression: 'jmz:queue:a'}}}",
        "- pollEnrich: {expression: {simple: {expression: 'jmz:queue:${header.x}'}}}",
        "- routingSlip: {expression: {constant: {expression: 'jmz:queue:a'}}}",
        "- choice: {when: [{simple: {expression: '${header.a} == 1'}, steps: [{toD: 'jmz:${header.x}'}]}], otherwise: {steps: []}}",
        "- choice: {when: [], otherwise: {steps: [{filter: {simple: {expression: '${header.a}'}, steps: [{toD: 'jmz:q'}]}}]}}",
        "- doTry: {steps: [{log: x}], doCatch: [{exception: [java.lang.Exception], steps: [{toD: 'jmz:q'}]}], doFinally: {steps: []}}",
        "- split: {expression: {simple: {expression: '${body}'}}, steps: [{multicast: {steps: [{toD: 'jmz:q'}]}}]}",
        "- loop: {expression: {constant: {expression: '3'}}, steps: [{toD: 'jmz:q'}]}",
        "- setBody: {expression: {simple: {expression: '${bean:nobody?method=x}'}}}",
        "- log: {message: 'who ${bean:nobody}'}",
        "- filter: {expression: {simple: {expression: '${bean:recipients.none} == ${bean:recipients::no}'}}, steps: []}",
        "- setHeader: {name: x, expression: {method: {ref: recipients, method: nonne}}}",
        "- toD: 'bean:recipients?method=nonne'",
        "- toD: 'direct:nowhere'",
        "- toD: 'spool:backup.nobody-25'",
        "- toD: 'log:${header.x}?exchangeFormatter=#nobody'",
    })
    void looksIntoEveryKindOfStep(String step) throws IOException {
        Files.writeString(directory.resolve("routes/40-own.camel.yaml"), OWN_ROUTE.formatted("        " + step));

        assertThatThrownBy(() -> check("new.example:25")).isInstanceOf(StartException.class)
                .hasMessageStartingWith("40-own.camel.yaml:").hasMessageContaining("route own").hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- toD: '${header.anywhere}'",
        "- toD: '${header.scheme}:queue:x'",
        "- toD: 'spool:${header.queue}'",
        "- toD: 'spool:archive'",
        "- toD: 'direct:own'",
        "- toD: 'smtp:{{relay.destination_primary}}'",
        "- toD: 'bean:recipients?method=none'",
        "- recipientList: {expression: {simple: {expression: '${bean:backups?method=queuesWithout(\"new.example:25\")}'}}}",
        "- filter: {expression: {simple: {expression: '${bean:recipients.none} || ${bean:recipients::none}'}}, steps: [{log: x}]}",
        "- filter: {expression: {simple: {expression: '${bean:recipients?method=any(*, \"a@b.example, @c.example\")}'}}, steps: [{log: x}]}",
        "- setBody: {expression: {simple: {expression: '${bean:java.util.ArrayList::size}'}}}",
        "- setBody: {expression: {constant: {expression: '${bean:nobody} jmz:queue:x'}}}",
    })
    void leavesAloneWhatOnlyTheMailDecides(String step) throws IOException {
        Files.writeString(directory.resolve("routes/40-own.camel.yaml"), OWN_ROUTE.formatted("        " + step));

        assertThatCode(() -> check("new.example:25")).doesNotThrowAnyException();
    }

    private void check(String backups) {
        Settings settings = Settings.load(directory, Map.of(), Map.of(
                "relay.destination_primary", "old.example:25", "relay.destination_backups", backups));
        try (Relay relay = new Relay(directory, settings, false)) {
            relay.start();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "- log: {message: 'x ${header.CamelSmtpServerHelo}'} | write ${header.CamelSmtpServerEnvelope.origin?.client.helo} instead",
        "- setHeader: {name: x, expression: {header: CamelSmtpServerRet}} | write ${header.CamelSmtpServerEnvelope.ret} instead",
        "- filter: {simple: {expression: '${headers.camelsmtpserversmtputf8}'}, steps: []} | write ${header.CamelSmtpServerEnvelope.smtpUtf8} instead",
        "- toD: 'log:${header.CamelSmtpServerProtocol}' | write ${header.CamelSmtpServerEnvelope.origin.protocol} instead",
        "- bean: {ref: recipients, method: 'keep(*, ${header.CamelSmtpServerEnvid})'} | write ${header.CamelSmtpServerEnvelope.envid} instead",
        "- setBody: {expression: {method: {ref: recipients, method: 'any(*, ${header.CamelSmtpServerEnvid})'}}} | write ${header.CamelSmtpServerEnvelope.envid} instead",
        "- removeHeader: {name: CamelSmtpServerEnvid} | write setHeader with an empty constant instead",
        "- removeHeaders: {pattern: CamelSmtpServerRemote*} | write setHeader with an empty constant instead",
    })
    void saysWhatToWriteForAHeaderThatNoMailHasAnyMore(String step, String remedy) throws IOException {
        Files.writeString(directory.resolve("routes/40-own.camel.yaml"), OWN_ROUTE.formatted("        " + step));

        assertThatThrownBy(() -> check("")).isInstanceOf(StartException.class).hasMessageStartingWith("40-own.camel.yaml:")
                .hasMessageContaining("no mail has the header CamelSmtpServer").hasMessageContaining(remedy)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- removeHeaders: {pattern: '*', excludePattern: 'CamelSmtpServerRe*'}",
        "- removeHeader: {name: CamelSmtpServerEnvelope}",
    })
    void refusesToTakeAwayWhatWasSaidBesideTheAddresses(String step) throws IOException {
        Files.writeString(directory.resolve("routes/40-own.camel.yaml"), OWN_ROUTE.formatted("        " + step));

        assertThatThrownBy(() -> check("")).isInstanceOf(StartException.class).hasMessageStartingWith("40-own.camel.yaml:")
                .hasMessageContaining("takes away CamelSmtpServerEnvelope").hasMessageContaining("leave both, or neither");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- setHeader: {name: CamelSmtpServerRet, expression: {constant: {expression: HDRS}}}",
        "- setHeader: {name: CamelSmtpServerRecipients, expression: {simple: {expression: '${header.CamelSmtpServerRecipients[0]}'}}}",
        "- log: {message: '${header.CamelSmtpServerId} ${header.CamelSmtpServerReversePath} ${header.CamelSmtpServerSize}'}",
        "- log: {message: '${header.CamelSmtpServerEnvelope.origin?.client.helo}'}",
        "- removeHeader: {name: CamelSmtpServerReply}",
        "- removeHeaders: {pattern: 'CamelSmtpServer*'}",
        "- removeHeaders: {pattern: 'Camel*', excludePattern: 'CamelSmtpServerId'}",
        "- removeHeaders: {pattern: '*', excludePattern: 'CamelSmtpServer*'}",
    })
    void leavesTheHeadersAloneThatAMailHasOrARouteSets(String step) throws IOException {
        leavesAloneWhatOnlyTheMailDecides(step);
    }

    @Test
    void saysHowManyMoreThereAre() throws IOException {
        Path route = directory.resolve("routes/40-undelivered.camel.yaml");
        Files.writeString(route, Files.readString(route).replace("spool:", "jmz:"));

        assertThatThrownBy(() -> check("")).hasMessageContaining("no component for jmz:").hasMessageEndingWith("more)");
    }
}
