package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;

/** A socket that is there already, on a channel: nobody makes or connects it. What a kind of socket has besides, it adds; the rest throws. */
abstract class PartialSocketImpl extends SocketImpl {

    private final String kind;

    /** @param kind what it is, for who asks something of it that such a socket does not do */
    PartialSocketImpl(String kind) {
        this.kind = kind;
    }

    private SocketException unsuited() {
        return new SocketException(kind);
    }

    @Override
    protected void create(boolean stream) {
        // it is there
    }

    @Override
    protected void connect(String host, int port) throws IOException {
        throw unsuited();
    }

    @Override
    protected void connect(InetAddress host, int port) throws IOException {
        throw unsuited();
    }

    @Override
    protected void connect(SocketAddress server, int timeout) throws IOException {
        throw unsuited();
    }

    @Override
    protected void bind(InetAddress host, int port) throws IOException {
        throw unsuited();
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw unsuited();
    }

    @Override
    protected void accept(SocketImpl client) throws IOException {
        throw unsuited();
    }

    @Override
    protected InputStream getInputStream() throws IOException {
        throw unsuited();
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        throw unsuited();
    }

    @Override
    protected int available() throws IOException {
        throw unsuited();
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw unsuited();
    }
}
