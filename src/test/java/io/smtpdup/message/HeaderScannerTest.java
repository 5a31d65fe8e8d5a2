package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a relay learns from a header section. */
class HeaderScannerTest {

    private static HeaderScanner scan(String message) {
        HeaderScanner scanner = new HeaderScanner();
        byte[] octets = message.getBytes(StandardCharsets.UTF_8);
        scanner.take(octets, 0, octets.length);
        return scanner;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Received: a~Subject: x~~body~ | 1",
        "RECEIVED: a~received:b~ReCeIvEd :c~Received~ | 3",
        "Received: a~ b~ Received: folded~Received: c~~ | 2",
        "Subject: x~~Received: in the body~ | 0",
        "X-Received: a~Received-SPF: b~Receive: c~Received.: d~~ | 0",
        "Received: a~no field here~Received: b~ | 1",
        "~Received: a~ | 0",
        ": a~Received: b~~ | 1",
        "Received\t : a~~ | 1"})
    void countsTheReceivedFieldsOfTheHeaderSection(String message, int count) {
        assertThat(scan(message.replace("~", "\r\n")).receivedFields()).isEqualTo(count);
    }

    @Test
    void countsNothingInAnEmptyMessage() {
        assertThat(scan("").receivedFields()).isZero();
    }

    @Test
    void tellsOctetsAbove127InTheHeaderSectionFromThoseInTheBody() {
        assertThat(scan("Subject: ä\r\n\r\nx").sawEightBit()).isTrue();
        assertThat(scan("Sübject: x\r\n\r\nx").sawEightBit()).isTrue();
        assertThat(scan("Subject: x\r\n ä\r\n").sawEightBit()).isTrue();
        assertThat(scan("Subject: x\r\n\r\nä").sawEightBit()).isFalse();
    }

    @Test
    void knowsWhereTheBodyBegins() {
        assertThat(scan("Subject: x\r\nä: x\r\n").sawEightBit()).isTrue();
        assertThat(scan("Subject: x\r\n\r\nä: x\r\n").sawEightBit()).isFalse();
        assertThat(scan("this is no field at all\r\nä: x\r\n").sawEightBit()).isFalse();
    }
}
