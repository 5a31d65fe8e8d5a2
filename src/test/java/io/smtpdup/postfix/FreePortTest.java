package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

import org.junit.jupiter.api.Test;

/** What a test may rely on whose server goes and comes back. */
class FreePortTest {

    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    @Test
    void canBeListenedOnAgainAndAgainAndIsClosedInBetween() throws Exception {
        int port = FreePort.find();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> new Socket(HERE, port)).isInstanceOf(ConnectException.class);
            try (ServerSocket server = new ServerSocket(port, 1, HERE); Socket client = new Socket(HERE, port)) {
                assertThat(server.accept().getRemoteSocketAddress()).isEqualTo(client.getLocalSocketAddress());
            }
        }
    }
}
