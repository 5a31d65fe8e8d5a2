package io.smtpdup.app;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import com.sun.management.UnixOperatingSystemMXBean;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Reloads leave nothing behind, also while a client stays connected all the time. */
class ReloadLeaksTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private static final int RELOADS = 30;

    /** Pools and timers come and go by themselves; each reload that left one behind would be above this. */
    private static final int SOME = 15;

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2);

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void leaveNoContextThreadOrDescriptorBehind() {
        relay.start();
        try (SmtpDialogue client = relay.client()) {
            for (int i = 0; i < 3; i++) {
                reload(client, i);
            }
            await().until(() -> relay.relay().endingGenerations() == 0);
            int threads = Thread.activeCount();
            long files = files();
            List<WeakReference<Object>> contexts = new ArrayList<>();

            for (int i = 0; i < RELOADS; i++) {
                contexts.add(new WeakReference<>(relay.relay().context()));
                reload(client, i);
            }

            await().until(() -> relay.relay().endingGenerations() == 0);
            await().until(() -> Thread.activeCount() <= threads + SOME);
            await().until(() -> files() <= files + SOME);
            await().untilAsserted(() -> {
                System.gc();
                assertThat(contexts).filteredOn(one -> one.get() != null).hasSizeLessThanOrEqualTo(1);
            });
        }
    }

    private void reload(SmtpDialogue client, int number) {
        relay.set("relay.backup_rate", String.valueOf(6000 + number));
        assertThat(relay.reload().problems()).isEmpty();
        RelayUnderTest.send(client, "<a@b.example>", List.of("one@d.example"), HELLO, "250");
    }

    private static long files() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
