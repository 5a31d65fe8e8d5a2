package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any text as printable ASCII, and back. */
class XtextTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "mx.example|mx.example", "a b|a+20b", "a+b=c|a+2Bb+3Dc", "é|+C3+A9", "[192.0.2.1]|[192.0.2.1]", "~~|~~"})
    void encodesAndDecodes(String text, String encoded) {
        assertThat(Xtext.encode(text)).isEqualTo(encoded);
        assertThat(Xtext.decode(encoded)).contains(text);
    }

    @Test
    void encodesWhatCouldEndALine() {
        assertThat(Xtext.encode("a\r\nb\t")).isEqualTo("a+0D+0Ab+09");
    }

    @ParameterizedTest
    @CsvSource({"a+c3+a9, aé", "a=b, a=b", "é+20x, é x"})
    void decodesWhatSomebodyElseEncodedLoosely(String encoded, String text) {
        assertThat(Xtext.decode(encoded)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "a+2", "a+2G", "a++20", "+ 20"})
    void refusesAPlusThatBeginsNoOctet(String encoded) {
        assertThat(Xtext.decode(encoded)).isEmpty();
    }
}
