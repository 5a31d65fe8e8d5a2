package io.smtpdup.message;

import java.net.InetSocketAddress;
import java.util.Optional;

import org.apache.camel.Message;

/** Writes whom a mail comes from into the headers of a Camel message and reads it back. */
public final class ClientHeaders {

    private ClientHeaders() {
    }

    /** Writes what is known of a client. */
    public static void write(ClientIdentity client, Message message) {
        message.setHeader(SmtpServerConstants.REMOTE_ADDRESS, client.address());
        message.setHeader(SmtpServerConstants.HELO, client.helo());
        message.setHeader(SmtpServerConstants.REMOTE_PROTOCOL, client.protocol());
        if (client.name() != null) {
            message.setHeader(SmtpServerConstants.REMOTE_NAME, client.name());
        }
    }

    /** Whom the mail comes from; empty when it came from no client, or the route has taken that away. */
    public static Optional<ClientIdentity> read(Message message) {
        return message.getHeader(SmtpServerConstants.REMOTE_ADDRESS) instanceof InetSocketAddress address
                && address.getAddress() != null
                ? Optional.of(new ClientIdentity(
                        address,
                        message.getHeader(SmtpServerConstants.REMOTE_NAME, String.class),
                        message.getHeader(SmtpServerConstants.HELO, String.class),
                        message.getHeader(SmtpServerConstants.REMOTE_PROTOCOL, String.class)))
                : Optional.empty();
    }
}
