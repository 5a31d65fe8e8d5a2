package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which mails of the past a backup would not take, by what both servers announce. */
class FitTest {

    private static final String AT = "2026-11-02T12:00:00.000Z";

    private static final Sides.Server LARGE = server("SIZE 50000000", "8BITMIME", "SMTPUTF8");

    private static final Sides.Seen LITTLE = new Sides.Seen(10, 1_000_000, AT, 3, AT, 0, null, 0, null);

    private static final Sides.Seen ALL = new Sides.Seen(10, 31_000_000, AT, 300, AT, 4, AT, 1, AT);

    @Test
    void hasNothingToSayAboutEqualServers() {
        Fit fit = Fit.of(new Sides(LARGE, LARGE, ALL));

        assertThat(fit.against()).isEmpty();
        assertThat(fit.notes()).isEmpty();
        assertThat(Fit.of(null).notes()).isEmpty();
    }

    @Test
    void speaksAgainstABackupThatDoesNotTakeWhatWasSeen() {
        Fit fit = Fit.of(new Sides(LARGE, server("SIZE 20000000"), ALL));

        assertThat(fit.against()).extracting(Report.Reason::code)
                .containsExactly("would-not-fit-size", "would-not-fit-8bitmime", "would-not-fit-smtputf8");
        assertThat(fit.against()).extracting(Report.Reason::text).containsExactly(
                "The largest mail seen has 31.0 MB (31,000,000 octets) (" + AT + "), and the backup takes 20.0 MB (20,000,000 octets).",
                "4 mails that needed 8BITMIME were seen (last " + AT + "), and the backup does not announce it.",
                "One mail that needed SMTPUTF8 was seen (last " + AT + "), and the backup does not announce it.");
    }

    @Test
    void notesWhatABackupWouldNotTakeWhenItComes() {
        Fit fit = Fit.of(new Sides(LARGE, server("SIZE 20000000"), LITTLE));

        assertThat(fit.against()).isEmpty();
        assertThat(fit.notes()).extracting(Report.Reason::code).containsExactly("smaller-size", "no-8bitmime", "no-smtputf8");
        assertThat(Fit.of(new Sides(LARGE, server("SIZE 20000000"), null)).notes()).hasSize(3);
    }

    @Test
    void asksNoMoreOfABackupThanThePrimaryDoesNow() {
        Fit fit = Fit.of(new Sides(server("SIZE 20000000"), server("SIZE 20000000"), ALL));

        assertThat(fit.against()).isEmpty();
        assertThat(fit.notes()).isEmpty();
    }

    @Test
    void goesByWhatWasSeenWhereThePrimaryIsNotKnown() {
        assertThat(Fit.of(new Sides(null, server("SIZE 20000000"), ALL)).against()).hasSize(3);
        assertThat(Fit.of(new Sides(null, server("SIZE 20000000"), LITTLE)).notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SIZE", "SIZE 0", "SIZE lots", "SIZE 99999999999999999999", "PIPELINING"})
    void takesNoLimitForOne(String announced) {
        assertThat(Fit.of(new Sides(LARGE, server(announced, "8BITMIME", "SMTPUTF8"), ALL)).against()).isEmpty();
    }

    @Test
    void saysThatABackupHasNotAnswered() {
        Fit fit = Fit.of(new Sides(LARGE, null, ALL));

        assertThat(fit.against()).isEmpty();
        assertThat(fit.notes()).extracting(Report.Reason::code).containsExactly("not-answered");
    }

    @ParameterizedTest
    @CsvSource({"29, ends on", "0, ends on", "-1, has ended on"})
    void notesACertificateThatEndsSoon(int days, String words) {
        Sides.Server server = new Sides.Server("x", AT, LARGE.extensions(), "TLSv1.3", "CN=x", AT, days, null);

        Fit fit = Fit.of(new Sides(LARGE, server, LITTLE));

        assertThat(fit.against()).isEmpty();
        assertThat(fit.notes()).extracting(Report.Reason::code).containsExactly("backup-certificate");
        assertThat(fit.notes().get(0).text()).contains(words);
        assertThat(Fit.of(new Sides(server, LARGE, LITTLE)).notes()).extracting(Report.Reason::code).containsExactly("primary-certificate");
    }

    @Test
    void leavesACertificateThatIsGoodForLongAlone() {
        Sides.Server server = new Sides.Server("x", AT, LARGE.extensions(), "TLSv1.3", "CN=x", AT, 30, null);

        assertThat(Fit.of(new Sides(server, server, LITTLE)).notes()).isEmpty();
    }

    @Test
    void notesThatAMailGoesInSeveralTransactions() {
        Sides.Server server = new Sides.Server("x", AT, LARGE.extensions(), null, null, null, null, 100);

        assertThat(Fit.of(new Sides(LARGE, server, ALL)).notes()).extracting(Report.Reason::code).containsExactly("fewer-recipients");
        assertThat(Fit.of(new Sides(LARGE, server, LITTLE)).notes()).isEmpty();
    }

    @Test
    void addsUp() {
        Sides.Server later = new Sides.Server("x", "2026-11-03T12:00:00.000Z", Map.of(), null, null, null, null, 100);
        Sides.Seen other = new Sides.Seen(5, 40_000_000, "2026-11-01T12:00:00.000Z", 2, AT, 1, "2026-11-05T12:00:00.000Z", 0, null);

        Sides sum = Sides.of(new Sides(LARGE, later, ALL), new Sides(null, LARGE, other));

        assertThat(sum).isEqualTo(new Sides(LARGE, later, new Sides.Seen(15, 40_000_000, "2026-11-01T12:00:00.000Z", 300, AT, 5,
                "2026-11-05T12:00:00.000Z", 1, AT)));
        assertThat(Sides.of(null, sum)).isEqualTo(sum);
        assertThat(Sides.of(sum, null)).isEqualTo(sum);
    }

    @Test
    void showsBothSideBySide() {
        List<String> lines = SidesText.lines(new Report.Servers(LARGE, null), ALL);

        assertThat(lines).contains("SIZE               50000000                  not known", "TLS                no                        not known");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("Of 10 mails that the primary took, the largest has 31.0 MB (31,000,000 octets),"
                + " the one with the most recipients 300; 4 need 8BITMIME, 1 SMTPUTF8");
    }

    private static Sides.Server server(String... announced) {
        Map<String, String> extensions = new HashMap<>();
        for (String line : announced) {
            String[] words = line.split(" ");
            extensions.put(words[0], words.length > 1 ? words[1] : "");
        }
        return new Sides.Server("x", AT, extensions, null, null, null, null, null);
    }
}
