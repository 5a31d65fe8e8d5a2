package io.smtpdup.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.smtpdup.config.Settings;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.cutover.Turn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/** The switch and the way back, with real files, and a relay that is told what it sees. */
class CutoverToolsTest {

    private static final String WRITTEN = "relay.destination_primary=old:25\nrelay.destination_backups=new:25?rate=600,archive:25\n";

    @TempDir
    private Path directory;

    private final SeenSurroundings seen = new SeenSurroundings();

    private final List<String> reloads = new ArrayList<>();

    private Reloading.Result next = new Reloading.Result(Reloading.State.DONE, List.of());

    private PrimaryHistory history;

    private CutoverTools tools;

    private Runnable afterReload = () -> { };

    @BeforeEach
    void begin() throws IOException {
        write(WRITTEN);
        start(Map.of());
    }

    private Path file() {
        return directory.resolve("application.properties");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
    }

    /** As a relay does that starts. */
    private void start(Map<String, String> environment) {
        history = new PrimaryHistory(directory.resolve("spool"), Clock.systemUTC());
        load(environment);
    }

    /** As a relay does that starts, or reloads. */
    private void load(Map<String, String> environment) {
        Settings settings = Settings.load(directory, environment);
        history.follow(settings.primary().address());
        tools = new CutoverTools(settings, directory, environment, history, seen, why -> {
            reloads.add(why);
            if (next.state() == Reloading.State.DONE) {
                load(environment);
            }
            afterReload.run();
            return next;
        }, Clock.systemUTC());
    }

    private String text() throws IOException {
        return Files.readString(file());
    }

    @Test
    void goesThereAndBackAndThereAgain() throws IOException {
        Switched there = tools.cutover("new:25", null, "it is time");

        assertThat(there.state()).isEqualTo("done");
        assertThat(there.primary()).isEqualTo("new:25");
        assertThat(text()).isEqualTo("relay.destination_primary=new:25\nrelay.destination_backups=old:25,archive:25\n");
        assertThat(Files.readString(directory.resolve(there.saved()))).isEqualTo(WRITTEN);
        assertThat(reloads).containsExactly("cutover");
        assertThat(tools.status().turn()).extracting(Turn::primary, Turn::before, Turn::how, Turn::reason)
                .containsExactly("new:25", "old:25", Turn.How.CUTOVER, "it is time");
        assertThat(tools.status().baking()).isTrue();
        assertThat(tools.status().planned()).isNull();

        start(Map.of()); // a restart
        Switched back = tools.rollback("too early" + " ".repeat(10_000));

        assertThat(back.state()).isEqualTo("done");
        assertThat(text()).isEqualTo(WRITTEN);
        assertThat(tools.status().turn()).extracting(Turn::how, Turn::reason).containsExactly(Turn.How.ROLLBACK, "too early" + " ".repeat(491));
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.rollback(null)).withMessageContaining("no switch to take back");

        assertThat(tools.cutover("new-25", null, null).state()).isEqualTo("done");
        assertThat(tools.status().earlier()).extracting(Turn::primary).containsExactly("old:25", "new:25", "old:25");
    }

    @Test
    void refusesWhatIsNotOkUnlessThereIsAReason() throws IOException {
        seen.trouble = "paused";

        Switched refused = tools.cutover("new:25", null, null);
        assertThat(refused.state()).isEqualTo("refused");
        assertThat(refused.lines()).anyMatch(line -> line.state() == Preflight.State.NOT_OK);
        assertThat(text()).isEqualTo(WRITTEN);
        assertThat(reloads).isEmpty();
        assertThat(tools.check("new:25").passed()).isFalse();

        assertThat(tools.cutover("new:25", "the house is on fire", null).state()).isEqualTo("done");
        assertThat(tools.status().turn()).extracting(Turn::reason).isEqualTo("anyway: the house is on fire");
    }

    @Test
    void goesBackWhateverTheLinesSay() throws IOException {
        tools.cutover("new:25", null, null);
        seen.trouble = "paused";
        seen.troubles.put("new:25", "gone");
        seen.troubles.put("old:25", "gone too");

        assertThat(tools.rollback(null).state()).isEqualTo("done");
        assertThat(text()).isEqualTo(WRITTEN);
    }

    @Test
    void takesBackWhatIsNotTakenUp() throws IOException {
        next = new Reloading.Result(Reloading.State.REFUSED, List.of("routes/10-relay.camel.yaml: is wrong"));

        Switched failed = tools.cutover("new:25", null, null);

        assertThat(failed.state()).isEqualTo("failed");
        assertThat(failed.primary()).isEqualTo("old:25");
        assertThat(failed.problems()).containsExactly("routes/10-relay.camel.yaml: is wrong");
        assertThat(text()).isEqualTo(WRITTEN);
        assertThat(tools.status().planned()).isNull();
    }

    @Test
    void writesForTheNextStartWhereNothingCanBeReloaded() throws IOException {
        next = new Reloading.Result(Reloading.State.NEEDS_RESTART, List.of());

        assertThat(tools.cutover("new:25", null, "at night").state()).isEqualTo("needs-restart");
        assertThat(text()).startsWith("relay.destination_primary=new:25\n");
        assertThat(tools.status().planned()).extracting(Turn::primary).isEqualTo("new:25");
        assertThat(tools.rollback(null)).extracting(Switched::state, Switched::primary).containsExactly("done", "old:25");
        assertThat(text()).isEqualTo("relay.destination_primary=old:25\nrelay.destination_backups=new:25,archive:25\n");
        assertThat(tools.status().planned()).isNull();

        write(WRITTEN);
        assertThat(tools.cutover("new:25", null, "at night").state()).isEqualTo("needs-restart");
        start(Map.of());
        assertThat(tools.status().turn()).extracting(Turn::how, Turn::reason).containsExactly(Turn.How.CUTOVER, "at night");
    }

    @Test
    void saysWhatToWriteWhereItIsTheEnvironment() throws IOException {
        Map<String, String> environment = Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "old:25");
        start(environment);

        Switched hand = tools.cutover("new:25", null, "by hand");

        assertThat(hand.state()).isEqualTo("to-write");
        assertThat(hand.toWrite().file()).isNull();
        assertThat(hand.toWrite().lines()).containsExactly("SMTP_DUP_RELAY_DESTINATION_PRIMARY=new:25",
                "relay.destination_backups=old:25,archive:25");
        assertThat(hand.next()).contains("restart");
        assertThat(text()).isEqualTo(WRITTEN);
        assertThat(tools.status().planned()).extracting(Turn::primary).isEqualTo("new:25");
        assertThat(reloads).isEmpty();

        write("relay.destination_backups=old:25,archive:25\n");
        start(Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "new:25"));
        assertThat(tools.status().turn()).extracting(Turn::how, Turn::reason).containsExactly(Turn.How.CUTOVER, "by hand");
    }

    @Test
    void believesNobodyThatTheLinesAreWritten() throws IOException {
        assertThatExceptionOfType(RequestException.class).isThrownBy(tools::takeUpWritten).withMessageContaining("no switch has begun");
        Map<String, String> environment = Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "old:25");
        start(environment);
        tools.cutover("new:25", null, null);

        Switched not = tools.takeUpWritten();

        assertThat(not.state()).isEqualTo("failed");
        assertThat(not.problems()).singleElement().asString().contains("still say that old:25 is the primary");
    }

    @Test
    void takesUpWhatSomebodyElseHasWritten() throws IOException {
        CutoverTools begun = tools;
        next = new Reloading.Result(Reloading.State.NEEDS_RESTART, List.of());
        begun.cutover("new:25", null, null);
        next = new Reloading.Result(Reloading.State.DONE, List.of());

        assertThat(begun.takeUpWritten()).extracting(Switched::state, Switched::primary, Switched::backup)
                .containsExactly("done", "new:25", "old:25");
    }

    @Test
    void switchesNothingElseBeforeASwitchHasEnded() {
        List<Throwable> meanwhile = new ArrayList<>();
        afterReload = () -> meanwhile.add(catchThrowable(() -> CompletableFuture.supplyAsync(() -> tools.rollback("at once")).join()));

        assertThat(tools.cutover("new:25", null, null).state()).isEqualTo("done");

        assertThat(meanwhile).singleElement().asString().contains("another switch is under way");
        afterReload = () -> { };
        assertThat(tools.rollback("now").state()).isEqualTo("done");
    }

    @Test
    void namesWhatIsNotThere() {
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.check("other:25"))
                .withMessage("there is no backup other:25, but new-25, archive-25");
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.check("old:25")).withMessageContaining("is the primary already");
        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.rollback(null)).withMessageContaining("no cutover is known");
    }

    @Test
    void aPrimaryThatIsNoBackupAnyMoreIsNoWayBack() throws IOException {
        tools.cutover("new:25", null, null);
        write("relay.destination_primary=new:25\nrelay.destination_backups=archive:25\n");
        start(Map.of());

        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.rollback(null)).withMessageContaining("it lacks mails");
    }

    @Test
    void refusesWhatWouldNotBeValidAfterwards() throws IOException {
        write("relay.destination_primary=old:25\nrelay.destination_backups={{env:NEW}}\n");
        start(Map.of("NEW", "new:25?rate=10"));

        assertThat(tools.check("new:25").lines()).anyMatch(line -> line.code().equals("settings") && line.state() == Preflight.State.NOT_OK
                && line.text().contains("the primary's only option is tls"));
        assertThat(tools.cutover("new:25", "anyway", null).state()).isEqualTo("refused");
        assertThat(text()).startsWith("relay.destination_primary=old:25\n");
    }

    @Test
    void doesNotWriteAWayBackThatNoRelayWouldTake() throws IOException {
        tools.cutover("new:25", null, null);
        assertThat(tools.rollbackTo()).isEqualTo("old:25");
        String broken = text() + "smtp.hop_limit=none\n";
        write(broken);

        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.rollback(null)).withMessageContaining("smtp.hop_limit");
        assertThat(text()).isEqualTo(broken);
        assertThat(tools.status().planned()).isNull();
    }

    @Test
    void knowsWhoWouldBeThePrimaryAgain() {
        assertThat(tools.rollbackTo()).isNull();
        next = new Reloading.Result(Reloading.State.NEEDS_RESTART, List.of());
        tools.cutover("new:25", null, null);
        assertThat(tools.rollbackTo()).as("before it began").isEqualTo("old:25");
        tools.rollback(null);
        assertThat(tools.rollbackTo()).isNull();
    }

    @Test
    void aSwapByHandIsNotTakenBackByMistake() throws IOException {
        tools.cutover("new:25", null, null);
        write(WRITTEN);
        start(Map.of());

        assertThatExceptionOfType(RequestException.class).isThrownBy(() -> tools.rollback(null)).withMessageContaining("the settings were changed since");
        assertThat(text()).isEqualTo(WRITTEN);
    }

    @Test
    void whatCannotBeLookedAtIsALine() throws IOException {
        seen.broken = true;

        assertThat(tools.check("new:25").lines()).anyMatch(line -> line.code().equals("queue") && line.state() == Preflight.State.NOT_OK);
        assertThat(tools.cutover("new:25", "the broker is away", null).state()).isEqualTo("done");
    }

    @Test
    void whatIsSaidOfOneServersEhloIsNotSaidOfTheOther() throws IOException {
        write(WRITTEN + "relay.primary_discard_ehlo=CHUNKING\n");
        start(Map.of());

        assertThat(tools.cutover("new:25", null, null).lines()).anyMatch(line -> line.code().equals("discard-ehlo"));
        assertThat(text()).contains("relay.destination_primary=old:25");
    }
}
