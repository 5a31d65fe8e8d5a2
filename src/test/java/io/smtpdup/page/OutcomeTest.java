package io.smtpdup.page;

import java.util.Collections;
import java.util.List;

import io.smtpdup.config.KeyChange;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.page.Notes.Note;
import io.smtpdup.tools.ReloadResult;
import io.smtpdup.tools.Switched;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the page says of a switch and of a reload, however they end. */
class OutcomeTest {

    private static final List<Preflight.Line> LINES = List.of(
            new Preflight.Line("queue", Preflight.State.NOT_OK, "new:25 is paused", "Resume it."),
            new Preflight.Line("tls", Preflight.State.LOOK, "clear text", "Encrypt."));

    private static Note of(String state, String saved, Switched.ToWrite write, String next, String... problems) {
        return Outcome.of(new Switched(state, "new:25", "old:25", LINES, List.of(problems), saved, write, next), "smtp-duplicator cutover new:25");
    }

    @Test
    void saysThatASwitchIsDoneOrWaitsForARestart() {
        assertThat(of("done", "application.properties.before-1", null, null)).isEqualTo(new Note(
                "new:25 is the primary now, and old:25 gets a copy of each mail.", "ok",
                List.of("The settings as they were are in application.properties.before-1.")));
        assertThat(of("done", null, null, null).lines()).isEmpty();
        assertThat(of("needs-restart", null, null, "Restart the relay.")).extracting(Note::kind, Note::text)
                .containsExactly("warn", "Written, and not in force yet: new:25 is the primary from the relay's next start on.");
    }

    @Test
    void saysWhatToWriteAndWhoElseCouldWriteIt() {
        List<String> lines = List.of("relay.destination_primary=new:25", "relay.destination_backups=old:25");

        Note file = of("to-write", null, new Switched.ToWrite("/etc/smtp-duplicator/application.properties", "", "new-25", "", lines),
                "Write these into /etc/smtp-duplicator/application.properties.", "the relay cannot write it");
        Note variables = of("to-write", null, new Switched.ToWrite(null, "", "new-25", "", lines), "Set these, and restart it.");

        assertThat(file.kind()).isEqualTo("warn");
        assertThat(file.text()).contains("Write these into", "Or run 'smtp-duplicator cutover new:25' on the relay's host");
        assertThat(file.lines()).containsExactly("the relay cannot write it", lines.get(0), lines.get(1));
        assertThat(variables.text()).isEqualTo("Not done yet: new:25 is to be the primary. Set these, and restart it.");
        assertThat(variables.lines()).isEqualTo(lines);
    }

    @Test
    void saysWhyASwitchWasNotMade() {
        assertThat(of("refused", null, null, "Mend it.").lines()).containsExactly("new:25 is paused: Resume it.");
        assertThat(of("failed", null, null, null, "routes/10-relay.camel.yaml: is wrong")).isEqualTo(new Note(
                "Failed: new:25 stays the primary. The settings are as they were.", "bad", List.of("routes/10-relay.camel.yaml: is wrong")));
        assertThat(of("failed", null, null, "The file cannot be put back.").text()).endsWith("stays the primary. The file cannot be put back.");
    }

    @Test
    void saysWhatAReloadChanged() {
        List<KeyChange> restart = List.of(new KeyChange("smtp.listen", "127.0.0.1:25", "127.0.0.2:25"));
        ReloadResult.BackupChanges backups = new ReloadResult.BackupChanges(List.of("a:25"), List.of("b:25"), List.of("c:25"));

        Note all = Outcome.of(new ReloadResult(true, List.of(), List.of(new KeyChange("smtp.tls_key", "", "key.pem")), backups,
                List.of("20-copies.camel.yaml"), true, restart));

        assertThat(all).isEqualTo(new Note("Reloaded, and not all of it is in force:", "warn", List.of("smtp.tls_key: key.pem (was not set)",
                "A new backup: a:25", "No backup any more: b:25; what waits for it stays, see the overview", "A backup with other options: c:25",
                "Changed: routes/20-copies.camel.yaml", "Changed: the certificate",
                "smtp.listen needs a restart: it is 127.0.0.1:25 until then, and not 127.0.0.2:25")));
        assertThat(Outcome.of(ReloadResult.refused(List.of("one", "two")))).isEqualTo(
                new Note("Not reloaded, and nothing has changed:", "bad", List.of("one", "two")));
        assertThat(Outcome.of(ReloadResult.refused(Collections.nCopies(5000, "wrong"))).lines()).hasSize(101).endsWith("…");
    }
}
