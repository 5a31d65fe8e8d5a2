package io.smtpdup.delivery;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

import io.smtpdup.net.TlsMode;
import jakarta.mail.Session;
import org.apache.camel.component.mail.MailConfiguration;
import org.eclipse.angus.mail.util.MailSSLSocketFactory;

/**
 * Turns an endpoint's options into Angus Mail's properties: for the pooled connections, and for camel-mail's own sender,
 * which composes notifications.
 */
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
    Destination destination() throws Exception {
        SSLSocketFactory tlsSockets = tlsSockets();
        Properties properties = new Properties();
        properties.put(prefix + ".ssl.checkserveridentity", String.valueOf(endpoint.getTls().isVerified()));
        properties.putAll(configuration.getAdditionalJavaMailProperties());
        if (endpoint.getTls() == TlsMode.OFFERED) {
            properties.put(prefix + ".ssl.checkserveridentity", "false");
        }
        if (endpoint.getLocalName() != null) {
            properties.put(prefix + ".localhost", endpoint.getLocalName());
        }
        properties.put(prefix + ".ssl.socketFactory", tlsSockets);
        properties.put(prefix + ".ssl.enable", "false"); // the dialer does that
        properties.put(prefix + ".quitwait", "false");
        properties.put("mail.mime.allowutf8", "false"); // our strings are octets already
        properties.put("mail.debug", "false");
        hideCredentials(properties);
        return new Destination(configuration.getProtocol(), configuration.getHost(), configuration.getPort(),
                endpoint.getComponent().getHostResolver(), endpoint.getTls(), endpoint.timeLimits(), endpoint.discarded(), endpoint.isNotifyNever(),
                endpoint.getClientIdentity(),
                configuration::getPasswordAuthentication, tlsSockets, Session.getInstance(properties));
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
        hideCredentials(properties);
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

    /** Angus's debug output would show them; nobody needs to see them. */
    private static void hideCredentials(Properties properties) {
        properties.put("mail.debug.auth", "false");
        properties.put("mail.debug.auth.password", "false");
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
