package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a header section says about who has written a mail, and where it has been. */
class TraceFieldsTest {

    private static final String DOMAIN = "relay.example";

    /** Octet by octet, as a slow client sends it, or in one piece. */
    private static TraceFields read(String message, boolean atOnce) {
        TraceFields fields = new TraceFields(DOMAIN);
        HeaderScanner scanner = new HeaderScanner(fields);
        byte[] octets = message.replace("~", "\r\n").getBytes(StandardCharsets.UTF_8);
        int piece = atOnce ? octets.length : 1;
        for (int i = 0; i < octets.length; i += piece) {
            scanner.take(octets, i, i + piece);
        }
        return fields;
    }

    private static String received(String domain, String id, String... recipients) {
        return new String(new ReceivedField(new ClientIdentity(new InetSocketAddress("192.0.2.7", 25), "mx.by.example", "mx.by.example", "ESMTP"),
                domain, "ESMTPS", id, List.of(recipients), Instant.EPOCH).toBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void knowsItsOwnReceivedFieldAgain(boolean atOnce) {
        String id = MailId.next(Clock.systemUTC());

        assertThat(read(received(DOMAIN, id, "a@b.example") + "Subject: x~~x~", atOnce).hasPassedUs()).isTrue();
        assertThat(read("Received: by other.example id 1~" + received(DOMAIN, id, "a@b.example", "c@d.example") + "~", atOnce).hasPassedUs()).isTrue();
        assertThat(read("Received: by other.example id 1~" + received(DOMAIN.toUpperCase(), id), atOnce).hasPassedUs()).isTrue();
    }

    @Test
    void takesNothingElseForIt() {
        String id = MailId.next(Clock.systemUTC());

        assertThat(read(received("other.example", id) + "~", true).hasPassedUs()).isFalse();
        assertThat(read(received(DOMAIN, "4bXYZ12345") + "~", true).hasPassedUs()).as("a Postfix of the same name").isFalse();
        assertThat(read("Subject: " + received(DOMAIN, id).substring(10) + "~", true).hasPassedUs()).isFalse();
        assertThat(read("Subject: x~~" + received(DOMAIN, id), true).hasPassedUs()).as("within a bounce").isFalse();
        assertThat(read("X-Received: " + received(DOMAIN, id).substring(10) + "~", true).hasPassedUs()).isFalse();
        assertThat(read("", true).hasPassedUs()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Auto-Submitted: auto-replied~~ | true",
        "AUTO-SUBMITTED:auto-generated (rejected)~~ | true",
        "Auto-Submitted:~ auto-notified; owner-email=\"x@y.example\"~~ | true",
        "Auto-Submitted: no~~ | false",
        "Auto-Submitted: No (really)~~ | false",
        "Auto-Submitted: ~~ | false",
        "Auto-Submitted: no~Auto-Submitted: auto-replied~~ | false",
        "Auto-Submitted-By: auto-replied~~ | false",
        "Subject: x~~Auto-Submitted: auto-replied~ | false"})
    void knowsWhatNoPersonHasSent(String message, boolean automatic) {
        assertThat(read(message, true).isAutomatic()).isEqualTo(automatic);
        assertThat(read(message, false).isAutomatic()).isEqualTo(automatic);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Content-Type: multipart/report; report-type=disposition-notification~~ | true",
        "content-type:~ Multipart/Report;~ report-type=delivery-status~~ | true",
        "Content-Type: multipart/mixed; boundary=\"multipart/report\"~~ | false",
        "Subject: multipart/report~~ | false"})
    void knowsReports(String message, boolean report) {
        assertThat(read(message, true).isReport()).isEqualTo(report);
    }

    @Test
    void isNotHeldUpByAFieldThatIsMadeToBeLong() {
        String bys = "by relay.example with x id ".repeat(100_000);

        assertThat(read("Received: " + bys + "~Received: by" + " ".repeat(1_000_000) + "~" + "x".repeat(1_000_000) + ": y~"
                + received(DOMAIN, MailId.next(Clock.systemUTC())), true).hasPassedUs()).isTrue();
    }
}
