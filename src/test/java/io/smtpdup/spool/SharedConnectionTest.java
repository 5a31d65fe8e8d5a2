package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Collections;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.TestBroker;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.core.settings.impl.ResourceLimitSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several users of one connection do to each other. */
class SharedConnectionTest {

    @TempDir
    private Path directory;

    @Test
    void aSessionThatIsRefusedLeavesTheConnectionToTheOthers() throws Exception {
        try (TestBroker broker = TestBroker.on(FreePort.find(), directory).start()) {
            SharedConnection connection = new SharedConnection(
                    new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD).access());
            ClientSession first = connection.session(false);
            ResourceLimitSettings none = new ResourceLimitSettings();
            none.setMaxSessions(0);
            // The broker's security manager does not tell it whom it has let in.
            broker.server().getConfiguration().setResourceLimitSettings(Collections.singletonMap(null, none));

            assertThatThrownBy(() -> connection.session(false)).hasMessageContaining("Too many sessions");

            assertThat(first.isClosed()).isFalse();
            assertThat(first.queueQuery(SimpleString.of("none")).isExists()).isFalse();
            connection.close();
        }
    }

    @Test
    void connectsAgainAfterTheBrokerWasAway() throws Exception {
        try (TestBroker broker = TestBroker.on(FreePort.find(), directory).start()) {
            SharedConnection connection = new SharedConnection(
                    new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD).access());
            connection.session(false);
            broker.stop();
            assertThatThrownBy(() -> connection.session(false)).isInstanceOf(Exception.class);
            broker.start();

            assertThat(connection.session(false).isClosed()).isFalse();
            connection.close();
        }
    }

    @Test
    void isResetWhileSomebodyWaitsForAConnection() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SharedConnection connection = new SharedConnection(
                    new ExternalBroker("tcp://127.0.0.1:" + mute.getLocalPort(), null, null).access());
            Thread waiting = new Thread(() -> {
                try {
                    connection.session(false);
                } catch (Exception e) {
                    Thread.currentThread().interrupt(); // it never answers
                }
            });
            waiting.start();
            try (Socket accepted = mute.accept()) {
                connection.reset();

                assertThat(waiting.isAlive()).as("still connecting").isTrue();
            }
            connection.close();
            waiting.join();
        }
    }
}
