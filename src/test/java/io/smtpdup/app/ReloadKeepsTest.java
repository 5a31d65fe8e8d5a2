package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.ops.CopyCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the relay knows of its servers is neither forgotten by a reload nor counted twice. */
class ReloadKeepsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    private void reload() {
        assertThat(relay.reload().problems()).isEmpty();
    }

    @Test
    void aLostCopyBeforeAMarkDoesNotComeBack() {
        relay.start();
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        lose();
        assertThat(lost()).isEqualTo(1);
        port.post("/agreement/mark?reason=the+disk+was+full");
        assertThat(lost()).isZero();

        reload();

        assertThat(lost()).isZero();
        lose();
        assertThat(lost()).isEqualTo(1);
        reload();
        assertThat(lost()).isEqualTo(1);
    }

    private void lose() {
        MeterRegistry meters = relay.relay().context().getRegistry().findSingleByType(MeterRegistry.class);
        CopyCounter.LOST.count(relay.backup(1).address(), meters);
    }

    private long lost() {
        JsonNode circumstances = port.get("/agreement").at("/backups/0/evidence/circumstances");
        assertThat(circumstances.isMissingNode()).isFalse();
        return circumstances.path("lost").asLong(0);
    }
}
