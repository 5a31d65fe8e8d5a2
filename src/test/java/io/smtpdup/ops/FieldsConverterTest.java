package io.smtpdup.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** In the text log a value cannot end before its quote does. */
class FieldsConverterTest {

    @Test
    void keepsAnAddressWithQuotesInItsOwnField() {
        assertThat(line(new KeyValuePair("to", "\"x\\\" id=\\\"Y\"@z"), new KeyValuePair("nrcpt", 1)))
                .isEqualTo(" to=\"\\\"x\\\\\\\" id=\\\\\\\"Y\\\"@z\" nrcpt=\"1\"");
    }

    @Test
    void isNothingForALineWithoutFields() {
        assertThat(line()).isEmpty();
    }

    private static String line(KeyValuePair... pairs) {
        LoggingEvent event = new LoggingEvent(
                "test", new LoggerContext().getLogger("mail"), Level.INFO, "accepted", null, null);
        event.setKeyValuePairs(List.of(pairs));
        return new FieldsConverter().convert(event);
    }
}
