package io.smtpdup.delivery;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;
import jakarta.mail.PasswordAuthentication;

/**
 * One server and how to talk to it.
 *
 * @param protocol smtp or smtps: the middle of the {@code mail.smtp.*} property names
 * @param host name or address literal, IPv6 without brackets
 * @param resolver finds its addresses
 * @param localName what we call ourselves in EHLO
 * @param limits how long each step may take
 * @param discarded keywords of EHLO, in upper case, that count as not said
 * @param notifyNever whether it is asked for no report about any mail, where it offers DSN
 * @param identity how it is told whom a mail comes from
 * @param credentials asked for at each new connection; a null user name means no AUTH
 * @param tlsSockets layers TLS over a connected socket
 * @param properties camel-mail's {@code mail.*}
 */
record MailServer(String protocol, String host, int port, HostResolver resolver, String localName, TlsMode tls, TimeLimits limits,
                   Set<String> discarded, boolean notifyNever, IdentityCommand identity,
                   Supplier<PasswordAuthentication> credentials, SSLSocketFactory tlsSockets, Properties properties) {

    /** One of the {@code mail.smtp.*}, by what is behind the protocol; null when it is not set. */
    String property(String name) {
        return properties.getProperty("mail." + protocol + "." + name);
    }

    /** Puts TLS over a connection, still without a handshake, which verifies the certificate as it shall be. */
    SSLSocket secure(Socket connected) throws IOException {
        SSLSocket secure = (SSLSocket) tlsSockets.createSocket(connected, host, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        if (Boolean.parseBoolean(property("ssl.checkserveridentity"))) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (property("ssl.protocols") != null) {
            parameters.setProtocols(property("ssl.protocols").strip().split("\\s+"));
        }
        if (property("ssl.ciphersuites") != null) {
            parameters.setCipherSuites(property("ssl.ciphersuites").strip().split("\\s+"));
        }
        secure.setSSLParameters(parameters);
        return secure;
    }

    /** Whether AUTH must succeed. */
    boolean hasLogin() {
        return credentials.get().getUserName() != null;
    }

    /** Host and port, as the log shows them. */
    @Override
    public String toString() {
        return new HostPort(host, port).toString();
    }
}
