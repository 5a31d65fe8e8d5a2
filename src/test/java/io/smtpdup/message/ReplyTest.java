package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One server's words, safe to give to a client. */
class ReplyTest {

    @ParameterizedTest
    @CsvSource({
        "'250 2.0.0 Ok: queued as 4F2A', '250 2.0.0 Ok: queued as 4F2A~'",
        "'250', '250 ~'",
        "'250 ', '250 ~'",
        "'550-5.7.1 No~550-5.7.1 and~550 5.7.1 no', '550-5.7.1 No~550-5.7.1 and~550 5.7.1 no~'",
        "'550-no~550', '550-no~550 ~'",
        "'250  two blanks', '250  two blanks~'"})
    void passesAReplyOnAsItCame(String wire, String again) {
        assertThat(Reply.parse(wire.replace("~", "\r\n")).toWire()).isEqualTo(again.replace("~", "\r\n"));
        assertThat(Reply.parse(wire.replace("~", "\n")).toWire()).isEqualTo(again.replace("~", "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "Ok", "25", "2500 Ok", "250Ok", "199 no", "600 no", "000 no", "250-a\n251 b", "250-a\nb", "-250 Ok", "250\n\n250 x"})
    void refusesWhatIsNoReply(String text) {
        assertThatThrownBy(() -> Reply.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void letsNoControlCharacterThrough() {
        Reply reply = new Reply(550, List.of("a\r\n250 forged\0\u001b[2J\u0085b"));

        assertThat(reply.toWire()).isEqualTo("550 a  250 forged  [2J b\r\n");
    }

    @Test
    void cutsALineAtItsLimit() {
        assertThat(new Reply(550, List.of("x".repeat(600))).toWire()).hasSize(512);
    }

    @Test
    void cutsALineInOctetsAndNotWithinACharacter() {
        byte[] wire = new Reply(550, List.of("😀".repeat(300)))
                .toWire().getBytes(StandardCharsets.UTF_8);

        assertThat(wire).hasSizeLessThanOrEqualTo(512);
        assertThat(new String(wire, StandardCharsets.UTF_8)).matches("550 (😀){126}\r\n");
    }

    @Test
    void endsAReplyThatIsCutAsAReply() {
        assertThat(new Reply(550, Collections.nCopies(150, "x")).toWire()).hasLineCount(100).endsWith("\r\n550 x\r\n");
    }

    @Test
    void hasATextInAnyLanguage() {
        assertThat(Reply.parse("550 5.7.1 Für Sie nicht").toWire()).isEqualTo("550 5.7.1 Für Sie nicht\r\n");
    }

    @Test
    void isWhatItsFirstDigitSays() {
        assertThat(Reply.of(250, "2.0.0", "Ok").isPositive()).isTrue();
        assertThat(Reply.of(451, "4.3.0", "Later").isTransientNegative()).isTrue();
        assertThat(Reply.of(550, "5.7.1", "No").isPermanentNegative()).isTrue();
        assertThat(new Reply(354, List.of("Go on")).isPositive()).isFalse();
    }

    @Test
    void hasACodeAndALine() {
        assertThatThrownBy(() -> new Reply(199, List.of("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Reply(250, List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
