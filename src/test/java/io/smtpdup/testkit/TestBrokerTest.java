package io.smtpdup.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestBrokerTest {

    @Test
    void saysThatSomebodyElseListensOnItsPort(@TempDir Path directory) throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestBroker broker = TestBroker.on(other.getLocalPort(), directory)) {
            assertThatThrownBy(broker::start).isInstanceOf(AssertionError.class);
        }
    }
}
