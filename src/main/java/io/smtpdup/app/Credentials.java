package io.smtpdup.app;

import io.smtpdup.config.Destination;
import jakarta.mail.PasswordAuthentication;
import org.apache.camel.component.mail.MailAuthenticator;

/**
 * The beans {@code login.primary} and {@code login.<backup>}: who we are to a destination. A route names the bean, so that
 * no password ever stands in an endpoint URI, where special characters break it and tools show it.
 */
final class Credentials extends MailAuthenticator {

    private final PasswordAuthentication credentials;

    Credentials(Destination destination) {
        credentials = new PasswordAuthentication(destination.username(), destination.password());
    }

    /** User and password; both null when the destination wants no login. */
    @Override
    public PasswordAuthentication getPasswordAuthentication() {
        return credentials;
    }
}
