package io.smtpdup.server;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** The listening socket; every client it accepts gets a {@link ClientSocket}, without Nagle's delay. */
final class ListeningSocket extends ServerSocket {

    private final ScheduledExecutorService watchdog;

    private final Duration timeout;

    ListeningSocket(ScheduledExecutorService watchdog, Duration timeout) throws IOException {
        this.watchdog = watchdog;
        this.timeout = timeout;
    }

    @Override
    public Socket accept() throws IOException {
        ClientSocket client = new ClientSocket(watchdog, timeout);
        implAccept(client);
        client.setTcpNoDelay(true);
        client.setKeepAlive(true);
        return client;
    }
}
