package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Fate;
import io.smtpdup.agreement.Stage;
import io.smtpdup.command.Commands;
import io.smtpdup.message.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A relay with one backup, told of mails that nobody has sent, and an operator beside it. */
abstract class AgreementRelay {

    static final Answer TOOK = Answer.of(Stage.DOT, Reply.of(250, "2.0.0", "Ok: queued as 4ZbcdkLm"), "old.example");

    static final Answer UNKNOWN = Answer.of(Stage.RCPT, Reply.of(550, "5.1.1", "User unknown"), "new.example");

    /** With which a backup is ready as soon as one mail was compared. */
    static final Map<String, String> ANYTHING_GOES = Map.of("agreement.window", "1s", "agreement.monday", "false",
            "agreement.bound_percent", "100", "agreement.coverage_percent", "0", "agreement.unseen_percent", "100");

    final ManagementPort port = new ManagementPort();

    @TempDir
    Path here;

    RelayUnderTest relay;

    /** What a command printed, and how it ended. */
    record Result(int status, String out, String err) {
    }

    @BeforeEach
    final void begin() throws IOException {
        Files.writeString(here.resolve("application.properties"), "management.port=" + port.number());
        relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number())).start();
    }

    @AfterEach
    final void end() {
        relay.close();
    }

    final void restart(Map<String, String> settings) {
        relay.stop();
        settings.forEach(relay::set);
        relay.start();
    }

    final String name() {
        return relay.backup(1).address().replace(':', '-');
    }

    /** Tells a relay that both servers took a mail. */
    static void agreed(RelayUnderTest relay, String id, String recipient, Instant at) {
        tell(relay, id, recipient, Fate.TAKEN, TOOK, at);
    }

    /** Tells a relay that only a backup would have taken a mail. */
    static void leaked(RelayUnderTest relay, String backup, String id, String recipient) {
        relay.relay().agreement().record(List.of(new Comparison(id, "sender@a.example", recipient, backup, UNKNOWN, Fate.TAKEN, TOOK, null, 1,
                Duration.ZERO, Duration.ofMillis(12), Duration.ofMillis(20), Instant.now())));
    }

    /** Tells a relay that only the primary took a mail. */
    static void refused(RelayUnderTest relay, String id, String recipient) {
        tell(relay, id, recipient, Fate.REFUSED, UNKNOWN, Instant.now());
    }

    private static void tell(RelayUnderTest relay, String id, String recipient, Fate fate, Answer answer, Instant at) {
        relay.relay().agreement().record(List.of(new Comparison(id, "sender@a.example", recipient,
                relay.backup(1).address().replace(':', '-'), TOOK, fate, answer, null, 1, Duration.ZERO, Duration.ofMillis(12),
                Duration.ofMillis(20), at)));
    }

    final Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine program = new CommandLine(new SmtpDuplicator(here, Map.of()));
        Commands.addTo(program, here, here, Map.of());
        program.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Result(program.execute(arguments), out.toString(), err.toString());
    }
}
