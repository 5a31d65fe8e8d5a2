package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator asks before the first mail: a running relay, and a backup that says what it thinks of addresses. */
@Timeout(300)
class RecipientsCommandTest extends AgreementRelay {

    private ScriptedSmtpServer backup;

    @BeforeEach
    void knowNobodyWithoutAName() {
        backup = relay.backup(1);
        backup.on("RCPT").when(line -> line.contains("no-such-mailbox-")).reply("550 5.1.1 User unknown");
    }

    private Result check(String addresses, String... more) throws IOException {
        Files.writeString(here.resolve("list.txt"), addresses);
        String[] arguments = new String[5 + more.length];
        System.arraycopy(new String[] {"recipients", "check", "-b", backup.address(), "list.txt"}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return run(arguments);
    }

    private void refuse(String localPart, String reply) {
        backup.on("RCPT").when(line -> line.contains("<" + localPart + "@")).reply(reply);
    }

    @Test
    void endsWith0WhenAllAreTaken() throws IOException {
        Result result = check("# all of them\r\na@b.example\r\n\r\nc@b.example\r\n");

        assertThat(result).isEqualTo(new Result(0, name() + ": 2 of 2 taken, 0 refused" + System.lineSeparator(), ""));
        assertThat(backup.commands()).contains("MAIL FROM:<>", "RCPT TO:<a@b.example>", "RCPT TO:<c@b.example>", "RSET")
                .noneMatch(line -> line.startsWith("DATA"));
        assertThat(relay.primary().connectionCount()).isZero();
        assertThat(run("agreement").out()).doesNotContain("when it was asked about them");
    }

    @Test
    void endsWith1WhenSomeAreRefusedAndTheReportSaysSoUntilTheyAreTaken() throws IOException {
        refuse("gone", "550 5.1.1 <gone@b.example>: User unknown");
        refuse("full", "552 5.2.2 Mailbox full");

        Result result = check("a@b.example\ngone@b.example\nfull@b.example\n");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).startsWith(name() + ": 1 of 3 taken, 2 refused").contains("Refused",
                "  gone@b.example  address  550 5.1.1 <gone@b.example>: User unknown", "  full@b.example  mailbox  552 5.2.2 Mailbox full");
        assertThat(run("agreement").status()).isEqualTo(1);
        assertThat(run("agreement").out()).contains("The backup refused 2 addresses of the primary when it was asked about them.");

        restart(Map.of());
        assertThat(run("agreement").status()).isEqualTo(1);

        backup.behaveAgain();
        knowNobodyWithoutAName();
        assertThat(check("gone@b.example\nfull@b.example\n").status()).isZero();
        assertThat(run("agreement").status()).isEqualTo(3);
    }

    @Test
    void aMarkAndForgettingTakeAwayWhatWasRefused() throws IOException {
        refuse("gone", "550 5.1.1 User unknown");
        check("gone@b.example\n");
        assertThat(run("agreement").status()).isEqualTo(1);
        assertThat(run("agreement", "forget", "gone@b.example").status()).isZero();
        assertThat(run("agreement").status()).isEqualTo(3);

        check("gone@b.example\n");
        assertThat(run("agreement").status()).isEqualTo(1);
        run("agreement", "mark", "made the mailbox");
        assertThat(run("agreement").status()).isEqualTo(3);
    }

    @Test
    void endsWith3WhereTheBackupTakesAnyAddress() throws IOException {
        backup.behaveAgain();

        Result result = check("a@b.example\nc@b.example\n");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).contains("0 of 2 taken, 0 refused, 2 of domains of which it takes any address", "  b.example");
        assertThat(run("agreement").out()).contains("The backup takes any address");
        assertThat(backup.commands()).filteredOn(line -> line.startsWith("RCPT")).hasSize(1);
    }

    @Test
    void endsWith3WhenTheBackupCannotBeAsked() throws IOException {
        backup.down();

        Result result = check("a@b.example\n");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).contains("0 of 1 taken, 0 refused, 1 not asked", "Not asked", "  a@b.example");
        assertThat(result.err()).contains("the check was stopped: cannot use " + backup.address());
    }

    @Test
    void endsWith3WhenTheBackupWantsNothingFromTheRelay() throws IOException {
        backup.on("MAIL").reply("550 5.7.1 not from you");

        Result result = check("a@b.example\n");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).contains("550 5.7.1 not from you");
        assertThat(run("agreement").status()).isEqualTo(3);
    }

    @Test
    void printsForScripts() throws IOException {
        refuse("gone", "550 5.1.1 User unknown");

        Result result = check("a@b.example\ngone@b.example\n", "--json");

        JsonNode json = ManagementPort.tree(result.out());
        assertThat(result.status()).isEqualTo(1);
        assertThat(json.get("backup").asText()).isEqualTo(name());
        assertThat(json.get("taken").asInt()).isEqualTo(1);
        assertThat(json.at("/results/0/recipient").asText()).isEqualTo("gone@b.example");
        assertThat(json.at("/results/0/category").asText()).isEqualTo("address");
        assertThat(json.at("/results/0/reply").asText()).isEqualTo("550 5.1.1 User unknown");
    }

    @Test
    void endsWith2AndNamesTheLinesThatAreNoAddress() throws IOException {
        Result result = check("a@b.example\nnobody\nc@b.example,d@b.example\n");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("list.txt, line 2: no domain: nobody", "list.txt, line 3: not an address:",
                "list.txt has 2 lines that are no addresses");
        assertThat(backup.connectionCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"recipients check", "recipients check list.txt", "recipients", "recipients check -b x y z",
        "recipients check -b x nothing.txt", "recipients chek"})
    void endsWith2WhenItIsTypedWrongly(String line) {
        assertThat(run(line.split(" ")).status()).isEqualTo(2);
    }

    @Test
    void endsWith2ForAnEmptyList() throws IOException {
        assertThat(check("# nobody\n")).returns(2, Result::status).extracting(Result::err).asString().contains("list.txt has no address");
    }

    @Test
    void endsWith2ForMoreThanACheckTakesBeforeAnythingIsSent() throws IOException {
        String list = IntStream.rangeClosed(0, 100_000).mapToObj(n -> n + "@b.example\n").collect(Collectors.joining());

        assertThat(check(list)).returns(2, Result::status).extracting(Result::err).asString()
                .contains("list.txt has more than 100000 addresses", "use several files");
        assertThat(port.request("POST", "/recipients/check?backup=" + name(), list.getBytes(StandardCharsets.UTF_8)).statusCode())
                .isEqualTo(413);
        assertThat(port.request("GET", "/recipients/status?backup=" + name(), null).statusCode()).isEqualTo(404);
    }

    @Test
    void readsTheInput() throws IOException {
        InputStream input = System.in;
        System.setIn(new ByteArrayInputStream("\uFEFFjörg@b.example\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("recipients", "check", "-b", name(), "-").status()).isZero();
        } finally {
            System.setIn(input);
        }
        assertThat(backup.commands()).contains("MAIL FROM:<> SMTPUTF8", "RCPT TO:<jörg@b.example>");
    }

    @Test
    void asksWithTheSenderThatIsNamed() throws IOException {
        assertThat(check("a@b.example\n", "--from", "boss@a.example").status()).isZero();

        assertThat(backup.commands()).contains("MAIL FROM:<boss@a.example>").doesNotContain("MAIL FROM:<>");
        assertThat(check("a@b.example\n", "--from", "no body")).returns(2, Result::status).extracting(Result::err).asString()
                .contains("--from: not an address: no body");
    }

    @Test
    void asksAboutAllThatThePrimaryHasTakenMailFor() {
        assertThat(run("recipients", "check", "-b", name())).returns(3, Result::status).extracting(Result::err).asString()
                .contains("agreement.addresses=hashed", "name a file", "agreement.addresses=plain");

        restart(Map.of("agreement.addresses", "plain"));
        assertThat(run("recipients", "check", "-b", name()).err()).contains("no mail has come yet");
        agreed(relay, "one", "a@b.example", Instant.now());
        refused(relay, "two", "c@b.example");
        refuse("c", "550 5.1.1 User unknown");

        Result result = run("recipients", "check", "-b", name());

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).contains("1 of 2 taken, 1 refused", "  c@b.example  address");
    }

    @Test
    void asksAboutThoseOnlyWhoseCopiesTheBackupGets() {
        String address = backup.address();
        restart(Map.of("agreement.addresses", "plain", "relay.destination_backups", address + "?except=c@b.example"));
        agreed(relay, "one", "a@b.example", Instant.now());
        agreed(relay, "two", "c@b.example", Instant.now());

        assertThat(run("recipients", "check", "-b", name()).out()).contains("1 of 1 taken");
        assertThat(backup.commands()).contains("RCPT TO:<a@b.example>").doesNotContain("RCPT TO:<c@b.example>");

        restart(Map.of("relay.destination_backups", address + "?to=all@b.example"));
        assertThat(run("recipients", "check", "-b", name()).err()).contains("go to all@b.example", "name a file");
    }

    @Test
    void asksWhereNothingIsCompared() throws IOException {
        restart(Map.of("agreement.enabled", "false"));

        assertThat(check("a@b.example\n").status()).isZero();
        assertThat(run("recipients", "check", "-b", name()).err()).contains("nothing is compared", "name a file");
    }

    @Test
    void endsTheCheckAtTheRelayWhenItIsInterrupted() throws Exception {
        restart(Map.of("relay.backup_check_rate", "1"));
        Files.writeString(here.resolve("list.txt"), IntStream.range(0, 5000).mapToObj(n -> "user" + n + "@b.example")
                .collect(Collectors.joining("\n")));
        AtomicReference<Thread> operator = new AtomicReference<>();
        CompletableFuture<Result> result = CompletableFuture.supplyAsync(() -> {
            operator.set(Thread.currentThread());
            return run("recipients", "check", "-b", name(), "list.txt");
        });
        backup.awaitCommand("RCPT");

        operator.get().interrupt();

        assertThat(result.get()).returns(3, Result::status).extracting(Result::err).asString().contains("interrupted");
        await().until(() -> port.get("/recipients/status?backup=" + name()).get("state").asText().equals("cancelled"));
    }

    @Test
    void goesOnAfterAPauseWhenTheBackupHasEnough() throws IOException {
        backup.on("RCPT").when(line -> line.contains("<c@")).once().replyAndHangUp("421 4.7.0 too fast");

        assertThat(check("a@b.example\nc@b.example\nd@b.example\n").status()).isZero();
    }

    @Test
    void holdsUpNoCopy() throws IOException {
        backup.on("RCPT").when(line -> line.contains("<stuck@")).stall();
        Files.writeString(here.resolve("list.txt"), "stuck@b.example\n");
        port.post("/recipients/check?backup=" + name(), "stuck@b.example\n".getBytes(StandardCharsets.UTF_8));
        backup.awaitCommand("RCPT TO:<stuck@");

        relay.send("<a@b.example>", List.of("one@d.example"), SteeredRelay.HELLO, "250");

        backup.awaitMessages(1);
        JsonNode status = port.get("/recipients/status?backup=" + name());
        assertThat(status.get("state").asText()).isEqualTo("running");
        assertThat(port.post("/recipients/cancel?backup=" + name() + "&job=" + status.get("job").asText()).size()).isEqualTo(1);
        assertThat(port.get("/recipients/status?backup=" + name()).get("state").asText()).isEqualTo("cancelled");
    }

    @Test
    void isProtectedAsTheOtherToolsAre() {
        byte[] list = "a@b.example\n".getBytes(StandardCharsets.UTF_8);
        String check = "/recipients/check?backup=" + name();
        assertThat(port.request("POST", check, list, "Origin", "http://evil.example").statusCode()).isEqualTo(403);
        assertThat(port.request("GET", check, null).statusCode()).isEqualTo(405);
        assertThat(port.request("POST", "/recipients/check", list).statusCode()).isEqualTo(400);
        assertThat(port.request("POST", "/recipients/check?backup=nobody:25", list).statusCode()).isEqualTo(404);
        assertThat(port.request("POST", check + "&known=true", list).statusCode()).isEqualTo(400);
        assertThat(port.request("POST", check, new byte[0]).statusCode()).isEqualTo(400);
        assertThat(port.request("POST", check, "x\n".getBytes(StandardCharsets.UTF_8)).statusCode()).isEqualTo(400);
        assertThat(port.request("POST", check, new byte[17 << 20]).statusCode()).isEqualTo(413);
        assertThat(port.request("GET", "/recipients/status?backup=" + name(), null).statusCode()).isEqualTo(404);
        assertThat(port.request("GET", "/recipients/results?backup=" + name() + "&after=x", null).statusCode()).isEqualTo(400);
        assertThat(port.request("POST", "/recipients/cancel?backup=" + name() + "&job=x", null).statusCode()).isEqualTo(404);
        assertThat(port.request("GET", "/recipients/nothing", null).statusCode()).isEqualTo(404);
        assertThat(backup.connectionCount()).isZero();

        restart(Map.of("management.token", "correct-horse-battery"));
        for (String path : List.of("check", "status", "results", "cancel")) {
            assertThat(port.request("POST", "/recipients/" + path + "?backup=" + name(), list).statusCode()).as(path).isEqualTo(401);
        }
    }

    @Test
    void countsInTheMetrics() throws IOException {
        refuse("gone", "550 5.1.1 User unknown");
        check("a@b.example\ngone@b.example\n");

        String page = new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);

        assertThat(page.lines()).contains("smtpdup_recipients_asked_total{backup=\"" + name() + "\",result=\"taken\"} 1.0",
                "smtpdup_recipients_asked_total{backup=\"" + name() + "\",result=\"refused\"} 1.0");
    }
}
