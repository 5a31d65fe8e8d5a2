package io.smtpdup.server;

import java.util.Arrays;
import java.util.function.Predicate;

import javax.net.ssl.SSLSocket;

/**
 * What TLS with our clients must be like: version 1.2 or 1.3, with keys that nobody can recover later and ciphers that
 * authenticate what they encrypt; a client begins no handshake a second time, which would cost us more than it.
 */
final class TlsPolicy {

    /** Read by the JDK at the first handshake as a server. */
    private static final String NO_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

    private TlsPolicy() {
    }

    /** Must come before the first handshake in this process. */
    static void prepare() {
        if (System.getProperty(NO_RENEGOTIATION) == null) {
            System.setProperty(NO_RENEGOTIATION, "true");
        }
    }

    /** Takes from a socket, before its handshake, whatever is not allowed. */
    static void applyTo(SSLSocket socket) {
        var parameters = socket.getSSLParameters();
        parameters.setProtocols(only(socket.getEnabledProtocols(), p -> p.equals("TLSv1.3") || p.equals("TLSv1.2")));
        parameters.setCipherSuites(only(socket.getEnabledCipherSuites(), TlsPolicy::isAllowed));
        parameters.setUseCipherSuitesOrder(true);
        socket.setSSLParameters(parameters);
    }

    private static boolean isAllowed(String suite) {
        boolean ephemeral = suite.startsWith("TLS_ECDHE_") || suite.startsWith("TLS_AES_") || suite.startsWith("TLS_CHACHA20_");
        return ephemeral && (suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_"));
    }

    private static String[] only(String[] all, Predicate<String> allowed) {
        return Arrays.stream(all).filter(allowed).toArray(String[]::new);
    }
}
