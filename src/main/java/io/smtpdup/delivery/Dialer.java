package io.smtpdup.delivery;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import io.smtpdup.net.TlsMode;

/** Connects to one address of a destination. */
final class Dialer {

    private final Destination destination;
    private final ReplyBudget budget;
    private final Consumer<GuardedSocket> opened;

    /** @param opened hears of each socket before it connects */
    Dialer(Destination destination, ReplyBudget budget, Consumer<GuardedSocket> opened) {
        this.destination = destination;
        this.budget = budget;
        this.opened = opened;
    }

    /** A connected socket, with TLS when it is implicit. The caller owns it. */
    Socket dial(InetAddress address) throws IOException {
        budget.allow(destination.limits().connect());
        budget.expectReply();
        Socket socket = connect(address, budget.remainingMillis());
        return destination.tls() == TlsMode.IMPLICIT ? secure(socket) : socket;
    }

    private Socket connect(InetAddress address, int millis) throws IOException {
        GuardedSocket socket = new GuardedSocket(budget);
        opened.accept(socket);
        try {
            socket.connect(new InetSocketAddress(named(address), destination.port()), millis);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Keeps the host's name with the address, because Angus asks the socket for it and must not ask the DNS. */
    private InetAddress named(InetAddress address) throws IOException {
        return address instanceof Inet6Address six && six.getScopeId() != 0
                ? Inet6Address.getByAddress(destination.host(), six.getAddress(), six.getScopeId())
                : InetAddress.getByAddress(destination.host(), address.getAddress());
    }

    private Socket secure(Socket socket) throws IOException {
        budget.expectHandshake();
        try {
            SSLSocket secure = (SSLSocket) destination.tlsSockets()
                    .createSocket(socket, destination.host(), destination.port(), true);
            if (destination.isIdentityChecked()) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
            }
            secure.startHandshake();
            return secure;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
