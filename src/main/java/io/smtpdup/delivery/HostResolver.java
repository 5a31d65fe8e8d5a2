package io.smtpdup.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds where a server is: its addresses, the best first. */
@FunctionalInterface
public interface HostResolver {

    /** What this machine uses for every name. */
    HostResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /**
     * @param host a name or an address literal, IPv6 without brackets
     * @return at least one
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;
}
