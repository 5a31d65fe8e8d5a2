package io.smtpdup.postfix;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port for a process that cannot tell which one the system chose for it. */
public final class FreePort {

    private FreePort() {
    }

    /** A port of 127.0.0.1 that was free a moment ago. */
    public static int find() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
