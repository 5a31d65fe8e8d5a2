package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HoursTest {

    private static final int HOUR = 490_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 65, 127, 129, 200, 256, 257, 4_000, -1, -63, -65, -300, -4_000})
    void canBeReadAgainHoweverFarTheClockHasJumped(int days) throws IOException {
        Hours hours = new Hours();
        hours.add(HOUR, 2);
        hours.add(HOUR + 24 * days, 1);
        hours.add(HOUR + 24 * days + 1, 3);

        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        hours.writeTo(new DataOutputStream(octets));
        Hours read = Hours.readFrom(new DataInputStream(new ByteArrayInputStream(octets.toByteArray())));

        assertThat(read.since(0)).isEqualTo(hours.since(0)).isGreaterThanOrEqualTo(4);
        if (days > 0) {
            assertThat(read.in(HOUR + 24 * days)).isEqualTo(1);
            assertThat(read.in(HOUR + 24 * days + 1)).isEqualTo(3);
        }
    }
}
