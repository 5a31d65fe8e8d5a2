package io.smtpdup.backup;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.Recipient;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a backup has said about recipients that it takes later, as text on the copy. */
class DeferralsTest {

    private final Message copy = new DefaultMessage(new DefaultCamelContext());

    @Test
    void knowsOfEachRecipientWhatWasSaidAboutThatOne() {
        Deferrals.write(copy, recipients("a@x.example", "b@x.example", "c@x.example", "\"d e\"@x.example"), Map.of(
                "a@x.example", said(Stage.RCPT, 450, "4.2.0", "<a@x.example>: Greylisted"),
                "b@x.example", said(Stage.RCPT, 450, "4.2.0", "<b@x.example>: Greylisted"),
                "\"d e\"@x.example", said(Stage.DOT, 452, "", "")));

        Deferrals read = Deferrals.of(copy);
        assertThat(read.about("a@x.example")).isEqualTo(said(Stage.RCPT, 450, "4.2.0", "<a@x.example>: Greylisted"));
        assertThat(read.about("b@x.example").enhanced()).isEqualTo("4.2.0");
        assertThat(read.about("c@x.example")).isNull();
        assertThat(read.about("\"d e\"@x.example")).isEqualTo(said(Stage.DOT, 452, "", ""));
        assertThat(copy.getHeader(CopyConstants.DEFERRAL, String.class).lines()).as("the same is said once").hasSize(3);
    }

    @Test
    void keepsWhatWasSaidBeforeWhileTheBackupSaysNothing() {
        Deferrals.write(copy, recipients("a@x.example", "b@x.example"), Map.of("a@x.example", said(Stage.RCPT, 450, "4.2.0", "later")));
        Deferrals.write(copy, recipients("a@x.example", "b@x.example"), Map.of());
        Deferrals.write(copy, recipients("b@x.example", "a@x.example"), Map.of("b@x.example", said(Stage.MAIL, 451, "4.7.1", "slower")));

        assertThat(Deferrals.of(copy).about("a@x.example")).isEqualTo(said(Stage.RCPT, 450, "4.2.0", "later"));
        assertThat(Deferrals.of(copy).about("b@x.example")).isEqualTo(said(Stage.MAIL, 451, "4.7.1", "slower"));
    }

    @Test
    void saysNothingWhereNothingWasSaid() {
        Deferrals.write(copy, recipients("a@x.example"), Map.of());

        assertThat(copy.getHeader(CopyConstants.DEFERRAL)).isNull();
        assertThat(Deferrals.of(copy).about("a@x.example")).isNull();
    }

    @Test
    void isNeverLongAndReadsAnything() {
        List<String> many = IntStream.range(0, 10_000).mapToObj(i -> "user" + i + "@x.example").toList();
        Deferrals.write(copy, recipients(many.toArray(String[]::new)), IntStream.range(0, 10_000).boxed().collect(
                Collectors.toMap(many::get, i -> said(Stage.RCPT, 450, "4.2.0", "try again, id " + i))));
        assertThat(copy.getHeader(CopyConstants.DEFERRAL, String.class)).hasSizeLessThanOrEqualTo(4096);
        assertThat(Deferrals.of(copy).about(many.get(9_999)).code()).isEqualTo(450);

        for (String text : List.of("", "\n", "x", "rcpt x y z", "rcpt 450 -\n\t\n-\t", "nowhere 450 - x")) {
            copy.setHeader(CopyConstants.DEFERRAL, text);
            assertThat(Deferrals.of(copy).about("a@x.example")).as(text).isNull();
        }
    }

    private static List<Recipient> recipients(String... addresses) {
        return List.of(addresses).stream().map(Recipient::new).toList();
    }

    private static Answer said(Stage stage, int code, String enhanced, String text) {
        return new Answer(stage, code, enhanced, text, "");
    }
}
