package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

    @Test
    void readsUtf8WhereItIsThat() {
        assertThat(Wire.toText(Wire.toOctets("für δ"))).isEqualTo("für δ");
    }

    @Test
    void readsOtherOctetsAsIso88591SoThatNoneIsLost() {
        assertThat(Wire.toText("f\u00fcr")).isEqualTo("für");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[EOF]", "250-one\n", "250-one\n250-two\n"})
    void knowsAReplyThatWasCutShort(String response) {
        assertThat(Wire.isCutShort(response)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 one\n", "250\n", "[EOF]\n", "", "250-one\n250 two\n"})
    void knowsAReplyThatWasNot(String response) {
        assertThat(Wire.isCutShort(response)).isFalse();
    }
}
