package io.smtpdup.cutover;

import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

import io.smtpdup.cutover.Preflight.Checked;
import io.smtpdup.cutover.Preflight.Reached;
import io.smtpdup.cutover.Preflight.State;
import io.smtpdup.cutover.Preflight.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is looked at before a switch. */
class PreflightTest {

    private static final Instant NOW = Instant.parse("2026-11-30T08:00:00Z");

    private static final Reached FINE = new Reached(null, false, "TLSv1.3", true, NOW.plus(Duration.ofDays(90)));

    /** Whether a line is there in that state; with advice exactly when it is not ok. */
    private static void assertLine(UnaryOperator<Preflight> look, String code, State state) {
        Preflight preflight = look.apply(new Preflight("new:25", "old:25", NOW));

        assertThat(preflight.lines()).as(code).filteredOn(line -> line.code().equals(code)).singleElement().satisfies(line -> {
            assertThat(line.state()).isEqualTo(state);
            assertThat(line.advice() == null).isEqualTo(state == State.OK);
        });
        assertThat(preflight.isPassed()).isEqualTo(preflight.lines().stream().noneMatch(line -> line.state() == State.NOT_OK));
    }

    @ParameterizedTest
    @CsvSource({"ready,OK", "inconclusive,LOOK", "not-ready,NOT_OK"})
    void theVerdictCounts(String verdict, State state) {
        assertLine(preflight -> preflight.verdict(BakeTest.report(verdict, 1)), "verdict", state);
    }

    @Test
    void nothingComparedIsNoVerdict() {
        assertLine(preflight -> preflight.verdict(null), "verdict", State.LOOK);
        assertThat(new Preflight("new:25", "old:25", NOW).selection(true, "").lines()).isEmpty();
        assertLine(preflight -> preflight.selection(false, "sample="), "selection", State.NOT_OK);
    }

    @ParameterizedTest
    @CsvSource({"false,0,,OK", "false,5000,299,OK", "false,100,301,LOOK", "false,101,301,NOT_OK", "true,0,,NOT_OK", "true,3,1,NOT_OK"})
    void copiesAreFewOrOnTheirWay(boolean paused, long copies, Long secondsOld, State state) {
        Instant oldest = secondsOld == null ? null : NOW.minusSeconds(secondsOld);
        assertLine(preflight -> preflight.waiting(new Waiting(paused, copies, 0, oldest, 0, 0)), "queue", state);
    }

    @Test
    void deadLettersAreMailsThatItDoesNotHave() {
        assertLine(preflight -> preflight.waiting(new Waiting(false, 0, 0, null, 0, 0)), "dead-letters", State.OK);
        assertLine(preflight -> preflight.waiting(new Waiting(false, 0, 0, null, 1, 0)), "dead-letters", State.LOOK);
        assertLine(preflight -> preflight.waiting(new Waiting(false, 0, 0, null, 0, 2)), "dead-letters", State.LOOK);
        assertLine(preflight -> preflight.waiting(new Waiting(false, 0, 3, null, 0, 0)), "overflow", State.LOOK);
    }

    @Test
    void bothServersAnswer() {
        Reached gone = Reached.not("connection refused");
        assertLine(preflight -> preflight.reached(FINE, FINE), "backup-reachable", State.OK);
        assertLine(preflight -> preflight.reached(FINE, FINE), "primary-reachable", State.OK);
        assertLine(preflight -> preflight.reached(gone, FINE), "backup-reachable", State.NOT_OK);
        assertLine(preflight -> preflight.reached(FINE, gone), "primary-reachable", State.NOT_OK);
        assertLine(preflight -> preflight.reached(Reached.notInTime(20), FINE), "backup-reachable", State.LOOK);
        assertThat(new Preflight("new:25", "old:25", NOW).reached(gone, FINE).lines()).noneMatch(line -> line.code().equals("tls"));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,true,90,OK", "TLSv1.3,true,13,LOOK", "TLSv1.3,true,-1,NOT_OK", "TLSv1.3,false,90,LOOK", "TLSv1.3,false,-1,NOT_OK",
        ",false,,LOOK", "TLSv1.3,true,,OK"})
    void theCertificateIsGood(String tls, boolean verified, Long days, State state) {
        Reached reached = new Reached(null, false, tls, verified, days == null ? null : NOW.plus(Duration.ofDays(days)));
        assertLine(preflight -> preflight.reached(reached, FINE), "tls", state);
    }

    @ParameterizedTest
    @CsvSource({"done,10,10,0,0,1,OK", "done,10,10,0,0,8,LOOK", "done,10,9,1,0,1,NOT_OK", "done,10,9,0,1,1,LOOK", "running,10,5,0,0,0,LOOK",
        "running,10,5,1,0,0,NOT_OK", "stopped,10,5,0,0,0,LOOK", "done,10,4,0,0,1,LOOK", "done,9,9,0,0,1,LOOK"})
    void recipientsWereChecked(String state, int total, int taken, int refused, int unclear, long days, State expected) {
        Checked check = new Checked(state, total, taken, refused, unclear, NOW.minus(Duration.ofDays(days)));
        assertLine(preflight -> preflight.recipients(check, 10), "recipients", expected);
    }

    @Test
    void looksAtTheRest() {
        assertLine(preflight -> preflight.recipients(null, 0), "recipients", State.LOOK);
        assertLine(preflight -> preflight.quiet(true), "quiet", State.LOOK);
        assertLine(preflight -> preflight.quiet(false), "reports", State.LOOK);
        assertLine(preflight -> preflight.spool(null, true), "spool", State.OK);
        assertLine(preflight -> preflight.spool(null, false), "spool", State.LOOK);
        assertLine(preflight -> preflight.spool("no broker", true), "spool", State.NOT_OK);
        assertLine(preflight -> preflight.ownCertificate(3.0), "certificate", State.LOOK);
        assertLine(preflight -> preflight.ownCertificate(-1.0), "certificate", State.NOT_OK);
        assertLine(preflight -> preflight.settings("application.properties", true), "settings", State.OK);
        assertLine(preflight -> preflight.settings("SMTP_DUP_RELAY_DESTINATION_PRIMARY", false), "settings", State.LOOK);
        assertThat(new Preflight("new:25", "old:25", NOW).ownCertificate(null).ownCertificate(99.0).lines()).isEmpty();
    }
}
