package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** A migration on paper: ten thousand mails that agree, differences of each kind among them, and restarts in the middle. */
class PlantedDifferencesTest extends AgreementFixture {

    private static final int MAILS = 10_000;

    /** One of the differences, so often, and what it shall be found as. */
    private record Planted(int every, String reply, Stage stage, Fate fate, String relation, String category) {
    }

    private static final List<Planted> PLANTED = List.of(
            new Planted(1_009, "550 5.1.1 <%s>: Recipient address rejected: User unknown", Stage.RCPT, Fate.REFUSED, "refused", "address"),
            new Planted(1_013, "552 5.3.4 Message size %d exceeds fixed limit", Stage.MAIL, Fate.REFUSED, "refused", "size"),
            new Planted(1_019, "552 5.2.2 <%s> Quota exceeded (mailbox for user is full)", Stage.DOT, Fate.REFUSED, "refused", "mailbox"),
            new Planted(503, "450 4.2.0 <%s>: Recipient address rejected: Greylisted", Stage.RCPT, Fate.TAKEN, "healed", "greylist"),
            new Planted(2_003, "451 4.3.0 Temporary internal error %d", Stage.DOT, Fate.EXPIRED, "expired", "system"),
            new Planted(2_011, "550 5.7.23 <%s>: SPF fail, id %d", Stage.MAIL, Fate.REFUSED, "refused", "sender-auth"),
            new Planted(2_017, "554 5.7.1 <%s>: Relay access denied", Stage.RCPT, Fate.REFUSED, "refused", "relay-trust"),
            new Planted(2_027, "554 5.7.1 Message %d looks like spam", Stage.DOT, Fate.REFUSED, "refused", "content"),
            new Planted(2_029, "452 4.5.3 too many recipients", Stage.RCPT, Fate.TAKEN, "healed", "protocol"),
            new Planted(2_039, "550 5.6.7 SMTPUTF8 is needed", Stage.MAIL, Fate.REFUSED, "refused", "protocol"),
            new Planted(2_053, "530 5.7.0 Must issue a STARTTLS command first", Stage.MAIL, Fate.REFUSED, "refused", "tls"),
            new Planted(2_063, "421 4.7.0 too many connections from 192.0.2.%d", Stage.MAIL, Fate.TAKEN, "healed", "throttle"));

    @Test
    void findsAllAndInventsNone() {
        Agreement agreement = open(Addresses.HASHED);
        Map<String, Long> planted = new HashMap<>();
        for (int i = 0; i < MAILS; i++) {
            Instant at = Samples.NOON.plus(Duration.ofMinutes(i));
            now = at;
            String recipient = "user" + i % 400 + "@b.example";
            int number = i;
            Planted found = PLANTED.stream().filter(one -> number % one.every == 7).findFirst().orElse(null);
            Comparison comparison = found == null ? Samples.agreed("m" + i, recipient, at) : planted(found, "m" + i, recipient, at, i);
            planted.merge(found == null ? "agreed none" : found.relation + " " + found.category, 1L, Long::sum);
            agreement.record(comparison);
            if (i % 100 == 0) {
                agreement.record(comparison);
            }
            if (i % 2_500 == 2_499) {
                agreement.close();
                agreement = open(Addresses.HASHED);
                agreement.record(comparison);
            }
        }

        Report.Backup backup = only(agreement);

        Map<String, Long> counted = new HashMap<>();
        agreement.counts().forEach(one -> counted.put(one.relation().text() + " " + one.category().text(), one.count()));
        assertThat(counted).isEqualTo(planted);
        assertThat(backup.compared()).isEqualTo(MAILS);
        assertThat(backup.differences()).as("a kind for each").hasSize(PLANTED.size());
        assertThat(backup.coverage()).isEqualTo(new Report.Coverage(400, 400));
        assertThat(backup.verdict()).isEqualTo("not-ready");
        assertThat(backup.reasons()).extracting(Report.Reason::code).contains("refused-address", "refused-mailbox", "refused-size",
                "refused-relay-trust", "refused-tls", "refused-protocol", "expired-system");
    }

    private static Comparison planted(Planted one, String id, String recipient, Instant at, int number) {
        String reply = one.reply.replace("%s", recipient).replace("%d", Integer.toString(number % 250));
        Answer said = Samples.said(one.stage, reply);
        return Samples.at(at, id, recipient, Samples.TOOK, one.fate, one.fate == Fate.TAKEN ? Samples.TOOK : said,
                one.fate == Fate.TAKEN ? said : null);
    }
}
