package io.smtpdup.net;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HostPortTest {

    @ParameterizedTest
    @CsvSource({
        "mail.example.com:25, mail.example.com, 25",
        "mail_backup1.example.com:25, mail_backup1.example.com, 25",
        "MAIL.Example.com:25, mail.example.com, 25",
        "10.0.0.5:2525, 10.0.0.5, 2525",
        "[2001:DB8:0::1]:25, 2001:db8::1, 25",
        "[::1]:65535, ::1, 65535",
        "localhost:0, localhost, 0"})
    void readsHostAndPort(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    }

    @Test
    void writesWhatItReads() {
        assertThat(HostPort.parse("mail.example.com:25")).hasToString("mail.example.com:25");
        assertThat(HostPort.parse("[2001:db8::1]:25")).hasToString("[2001:db8::1]:25");
    }

    @Test
    void takesTheDefaultPortWhenThereIsNone() {
        assertThat(HostPort.parse("mail.example.com", 25)).hasToString("mail.example.com:25");
        assertThat(HostPort.parse("[::1]", 25)).hasToString("[::1]:25");
    }

    @Test
    void showsTheBracketsOfAnIpv6Address() {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse("2001:db8::1"))
                .withMessageContaining("[2001:db8::1]:25");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ":25", "mail", "mail:", "a:b:c", "mail:port", "mail:-1", "mail:65536", "mail:99999999999", "mail: 25", "ma il:25",
        "mail..example:25", "-mail:25", "mail-:25", "m\u00e4il:25", "10.0.0.256:25", "10.0.0:25", "1234:25", "010.0.0.1:25",
        "[::1:25", "[::1]25", "[]:25", "[mail]:25", "[127.0.0.1]:25", "[::g]:25", "[fe80::1%eth0]:25", "mail:\u0662\u0665",
        "mail/:25", "user@mail:25"})
    void refusesWhatIsNoHostAndPort(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse(text));
    }
}
