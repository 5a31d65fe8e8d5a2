package io.smtpdup.delivery;

import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;

/**
 * One server and how to talk to it.
 *
 * @param protocol smtp or smtps: the middle of the {@code mail.smtp.*} property names
 * @param host name or address literal, IPv6 without brackets
 * @param resolver finds its addresses
 * @param limits how long each step may take
 * @param discarded keywords of EHLO, in upper case, that count as not said
 * @param notifyNever whether it is asked for no report about any mail, where it offers DSN
 * @param identity how it is told whom a mail comes from
 * @param credentials asked for at each new connection; a null user name means no AUTH
 * @param tlsSockets layers TLS over a connected socket
 * @param session the properties for Angus Mail
 */
record Destination(String protocol, String host, int port, HostResolver resolver, TlsMode tls, TimeLimits limits,
                   Set<String> discarded, boolean notifyNever, IdentityCommand identity,
                   Supplier<PasswordAuthentication> credentials, SSLSocketFactory tlsSockets, Session session) {

    /** Whether the certificate must be for that host. */
    boolean isIdentityChecked() {
        return Boolean.parseBoolean(session.getProperty("mail." + protocol + ".ssl.checkserveridentity"));
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
