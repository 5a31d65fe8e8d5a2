package io.smtpdup.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator asks before the switch. */
class AgreementCommandTest extends AgreementRelay {

    @Test
    void endsWith3WhenNothingSpeaksAgainstABackupAndNotEnoughForIt() {
        assertThat(run("agreement").status()).isEqualTo(3);

        agreed(relay, "one", "a@b.example", Instant.now());
        Result result = run("agreement");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).startsWith(name() + ": inconclusive\n").contains("1 agreed", "What is missing");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void endsWith1WhenABackupWouldTreatMailDifferently() {
        refused(relay, "one", "a@b.example");

        Result result = run("agreement");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).startsWith(name() + ": not-ready\n").contains("1 x refused, address, at rcpt",
                "primary: 250 2.0.0", "backup:  550 5.1.1 User unknown", "mail one", "Create the missing mailboxes");
    }

    @Test
    void endsWith0WhenABackupIsReady() throws IOException {
        restart(ANYTHING_GOES);
        agreed(relay, "one", "a@b.example", Instant.now().minusSeconds(60));
        agreed(relay, "two", "a@b.example", Instant.now());

        assertThat(run("agreement")).extracting(Result::status, Result::err).containsExactly(0, "");
        assertThat(run("agreement", "--backup", relay.backup(1).address()).status()).isZero();
        assertThat(run("agreement", "-b", name()).out()).startsWith(name() + ": ready\n");
        assertThat(run("agreement", "-b", "nobody:25").status()).isEqualTo(3);
        assertThat(run("agreement", "-b", "nobody:25").err()).contains("there is no backup nobody:25, but " + name());
    }

    @Test
    void endsWith2WhenItIsTypedWrongly() {
        for (String line : new String[] {"agreement --csv --json", "agreement --verbose", "agreement marc x", "agreement mark",
                "agreement forget", "agreement mark a b"}) {
            assertThat(run(line.split(" ")).status()).as(line).isEqualTo(2);
        }
        assertThat(run("agreement", "mark", "").status()).isEqualTo(2);
        assertThat(run("agreement", "--url", "").status()).isEqualTo(2);
    }

    @Test
    void endsWith3WhenNobodyCanBeAsked() {
        Result result = run("agreement", "--url", "http://127.0.0.1:" + new ManagementPort().number());

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).contains("no relay answers").hasLineCount(1);
    }

    @Test
    void printsForScriptsAndForSpreadsheets() {
        refused(relay, "one", "a@b.example");

        JsonNode json = ManagementPort.tree(run("agreement", "--json").out());
        Result csv = run("agreement", "--csv");

        assertThat(json.at("/backups/0/relations/refused").asInt()).isEqualTo(1);
        assertThat(csv.out()).startsWith("backup,verdict,relation,category,").contains(
                name() + ",not-ready,refused,address,rcpt,", "550 5.1.1 User unknown,1,");
        assertThat(csv.status()).isEqualTo(1);
    }

    @Test
    void addsUpTwoRelaysThatShareTheTraffic() throws IOException {
        ManagementPort otherPort = new ManagementPort();
        try (RelayUnderTest other = RelayUnderTest.withBackups(0).set("management.port", String.valueOf(otherPort.number()))
                .set("relay.destination_backups", relay.backup(1).address())) {
            other.backups().add(relay.backup(1));
            other.start();
            try {
                agreed(relay, "one", "a@b.example", Instant.now());
                agreed(relay, "two", "b@b.example", Instant.now());
                agreed(other, "three", "c@b.example", Instant.now());
                refused(other, "four", "d@b.example");

                Result both = run("agreement", "--json", "--url", port.url(), "--url", otherPort.url());

                assertThat(both.status()).as(both.err()).isEqualTo(1);
                JsonNode sum = ManagementPort.tree(both.out());
                assertThat(sum.get("backups")).hasSize(1);
                assertThat(sum.at("/backups/0/compared").asInt()).isEqualTo(4);
                assertThat(sum.at("/backups/0/relations/agreed").asInt()).isEqualTo(3);
                assertThat(sum.at("/backups/0/relations/refused").asInt()).isEqualTo(1);
                assertThat(sum.at("/backups/0/coverage/known").asInt()).isEqualTo(4);
                assertThat(run("agreement", "--url", port.url()).status()).isEqualTo(3);

                assertThat(run("agreement", "mark", "opened the firewall", "--url", port.url(), "--url", otherPort.url()).out())
                        .hasLineCount(2);
                assertThat(otherPort.get("/agreement").at("/backups/0/compared").asInt()).isZero();
            } finally {
                other.backups().clear();
            }
        }
    }

    @Test
    void judgesTheSumByTheSettingsHere() throws IOException {
        agreed(relay, "one", "a@b.example", Instant.now().minus(Duration.ofHours(1)));
        agreed(relay, "two", "a@b.example", Instant.now());
        assertThat(run("agreement", "--url", port.url(), "--url", port.url()).status()).isEqualTo(3);

        StringBuilder settings = new StringBuilder();
        ANYTHING_GOES.forEach((key, value) -> settings.append(key).append('=').append(value).append('\n'));
        Files.writeString(here.resolve("application.properties"), settings);
        assertThat(run("agreement", "--url", port.url(), "--url", port.url()).status()).isZero();

        Files.writeString(here.resolve("application.properties"), "agreement.window=soon");
        assertThat(run("agreement", "--url", port.url(), "--url", port.url()).err()).contains("agreement.window: \"soon\"");
        assertThat(run("queue", "--url", port.url()).status()).isZero();
    }

    @Test
    void judgesNoSumByDefaultsWhenTheSettingsHereCannotBeRead() throws IOException {
        Path settings = here.resolve("application.properties");
        Files.delete(settings);
        Files.createSymbolicLink(settings, settings); // which root cannot read either

        Result result = run("agreement", "--url", port.url(), "--url", port.url());

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).contains("application.properties: cannot be read");
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"verdict\":\"ready\",\"backups\":[{\"backup\":\"new-25\",\"verdict\":\"ready\"}]}",
        "{\"verdict\":\"ready\",\"backups\":[null]}", "{\"verdict\":\"ready\"}", "[]", "<html>", ""})
    void saysThatNobodyKnowsWhenAnAnswerIsNoReport(String answer) throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        other.createContext("/", exchange -> {
            byte[] octets = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, octets.length == 0 ? -1 : octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        });
        other.start();
        try {
            String url = "http://127.0.0.1:" + other.getAddress().getPort();
            assertThat(run("agreement", "--url", url).status()).isEqualTo(3);
            assertThat(run("agreement", "--url", port.url(), "--url", url).status()).isEqualTo(3);
            assertThat(run("agreement", "--url", url).err()).doesNotContain("\tat ").hasLineCount(1);
        } finally {
            other.stop(0);
        }
    }

    @Test
    void beginsAnewAndForgets() {
        refused(relay, "one", "a@b.example");
        assertThat(run("agreement").status()).isEqualTo(1);

        assertThat(run("agreement", "mark", "made the mailbox"))
                .isEqualTo(new Result(0, "what is compared from now on counts: made the mailbox" + System.lineSeparator(), ""));

        assertThat(run("agreement").status()).isEqualTo(3);
        assertThat(run("agreement").out()).contains("made the mailbox");
        refused(relay, "two", "x@b.example");
        assertThat(run("agreement", "forget", "x@b.example").status()).isZero();
        assertThat(run("agreement", "forget", "x@b.example").status()).isEqualTo(1);
        assertThat(run("agreement", "forget", "x@b.example").err()).contains("nothing is kept of x@b.example");
    }

    @Test
    void saysThatItIsSwitchedOff() {
        restart(Map.of("agreement.enabled", "false"));

        Result result = run("agreement");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).contains("agreement.enabled is false").hasLineCount(1);
    }

    @Test
    void namesALineThatIsNoRuleAtACheckAndStartsAllTheSame() throws IOException {
        Path rules = Files.writeString(here.resolve("rules.txt"), "address | * | @old.example | * | some day | not moved");
        Settings settings = Settings.load(here, Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "old.example",
                "SMTP_DUP_AGREEMENT_EXPECTED", rules.toString()));

        assertThat(AgreementSettings.of(settings).problems()).singleElement().asString().startsWith(rules + ":1: 'some day'");

        restart(Map.of("agreement.expected", rules.toString()));
        refused(relay, "one", "a@old.example");
        assertThat(run("agreement").status()).isEqualTo(1);
    }

    @Test
    void doesNotHoldAgainstABackupWhatARuleExpects() throws IOException {
        Path rules = Files.writeString(here.resolve("rules.txt"), "address | * | @old.example | * | 2999-12-31 | not moved");
        restart(Map.of("agreement.expected", rules.toString()));
        refused(relay, "one", "a@old.example");

        Result result = run("agreement");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).contains("1 expected");
    }
}
