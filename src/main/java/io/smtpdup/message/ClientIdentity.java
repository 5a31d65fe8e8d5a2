package io.smtpdup.message;

import java.net.InetSocketAddress;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Whom a mail came from: the peer of the connection, or the client whom a trusted peer named in its place.
 *
 * @param address the address and port; port 0 when a peer did not name it
 * @param name the name its address has in the DNS, as a trusted peer told us; null when nobody did
 * @param helo what it said in EHLO or HELO; null when nothing
 * @param protocol {@code SMTP} or {@code ESMTP}, as it spoke; null when nobody told
 */
public record ClientIdentity(
        InetSocketAddress address, @Nullable String name, @Nullable String helo, @Nullable String protocol) {

    public ClientIdentity {
        Objects.requireNonNull(address, "address");
    }
}
