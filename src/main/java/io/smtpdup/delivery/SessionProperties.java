package io.smtpdup.delivery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

import io.smtpdup.net.TlsMode;
import org.apache.camel.component.mail.MailConfiguration;
import org.eclipse.angus.mail.util.MailSSLSocketFactory;

/** Turns an endpoint's options into what the pooled connections, and camel-mail's own sender, go by. */
final class SessionProperties {

    private final DeliveryEndpoint endpoint;
    private final MailConfiguration configuration;
    private final String prefix;

    SessionProperties(DeliveryEndpoint endpoint) {
        this.endpoint = endpoint;
        this.configuration = endpoint.getConfiguration();
        this.prefix = "mail." + configuration.getProtocol();
    }

    /** What the pool connects to. */
    MailServer destination() throws Exception {
        Properties properties = new Properties();
        properties.put(prefix + ".ssl.checkserveridentity", String.valueOf(endpoint.getTls().isVerified()));
        properties.putAll(configuration.getAdditionalJavaMailProperties());
        if (endpoint.getTls() == TlsMode.OFFERED) {
            properties.put(prefix + ".ssl.checkserveridentity", "false");
        }
        return new MailServer(configuration.getProtocol(), configuration.getHost(), configuration.getPort(),
                endpoint.getComponent().getHostResolver(), localName(properties), endpoint.getTls(), endpoint.timeLimits(),
                endpoint.discarded(), endpoint.isNotifyNever(), endpoint.getClientIdentity(),
                configuration::getPasswordAuthentication, tlsSockets(), properties);
    }

    /** As it is set, or as this machine is called; where it has no name, an address literal (RFC 5321 section 4.1.4). */
    private String localName(Properties properties) {
        String set = endpoint.getLocalName() != null ? endpoint.getLocalName() : properties.getProperty(prefix + ".localhost");
        if (set != null) {
            return set;
        }
        InetAddress ours;
        try {
            ours = InetAddress.getLocalHost();
        } catch (UnknownHostException e) {
            ours = InetAddress.getLoopbackAddress();
        }
        String name = ours.getCanonicalHostName();
        String address = ours.getHostAddress().replaceFirst("%.*", "");
        return !name.equals(ours.getHostAddress()) ? name : ours instanceof Inet6Address ? "[IPv6:" + address + "]" : "[" + address + "]";
    }

    /** Gives camel-mail's own sender the same limits and the same protection; what the operator set stays. */
    void applyTo(MailConfiguration stock) {
        TimeLimits limits = endpoint.timeLimits();
        Properties properties = stock.getAdditionalJavaMailProperties();
        properties.putIfAbsent(prefix + ".connectiontimeout", millis(limits.connect()));
        properties.putIfAbsent(prefix + ".timeout", millis(limits.dot())); // it has one limit for all replies
        properties.putIfAbsent(prefix + ".writetimeout", millis(limits.content()));
        if (endpoint.getLocalName() != null) {
            properties.putIfAbsent(prefix + ".localhost", endpoint.getLocalName());
        }
        properties.put("mail.debug.auth", "false"); // Angus's debug output would show credentials, which nobody needs to see
        properties.put("mail.debug.auth.password", "false");
        properties.putAll(switch (endpoint.getTls()) {
            case OFF -> Map.of(prefix + ".starttls.enable", "false");
            case OFFERED -> Map.of(prefix + ".starttls.enable", "true",
                    prefix + ".starttls.required", String.valueOf(hasLogin()),
                    prefix + ".ssl.trust", "*",
                    prefix + ".ssl.checkserveridentity", "false");
            case REQUIRED -> Map.of(prefix + ".starttls.enable", "true", prefix + ".starttls.required", "true");
            case IMPLICIT -> Map.of(prefix + ".ssl.enable", "true");
        });
    }

    private static String millis(Duration limit) {
        return String.valueOf(limit.toMillis());
    }

    private boolean hasLogin() {
        return configuration.getPasswordAuthentication().getUserName() != null;
    }

    private SSLSocketFactory tlsSockets() throws Exception {
        if (endpoint.getTls() == TlsMode.OFFERED) {
            return trustingAnyone();
        }
        return configuration.getSslContextParameters() == null
                ? SSLContext.getDefault().getSocketFactory()
                : configuration.getSslContextParameters().createSSLContext(endpoint.getCamelContext()).getSocketFactory();
    }

    /** For opportunistic TLS: better than clear text, which is what it is measured against. */
    private static SSLSocketFactory trustingAnyone() throws GeneralSecurityException {
        MailSSLSocketFactory factory = new MailSSLSocketFactory();
        factory.setTrustAllHosts(true);
        return factory;
    }
}
