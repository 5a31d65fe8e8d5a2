package io.smtpdup.server;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/** The listening socket; every client it accepts gets a {@link ClientSocket}, without Nagle's delay. */
final class ListeningSocket extends ServerSocket {

    private final Duration timeout;

    ListeningSocket(Duration timeout) throws IOException {
        this.timeout = timeout;
    }

    @Override
    public Socket accept() throws IOException {
        ClientSocket client = new ClientSocket(timeout);
        try {
            implAccept(client);
            client.setTcpNoDelay(true);
            return client;
        } catch (IOException e) {
            client.abandon();
            throw e;
        }
    }
}
