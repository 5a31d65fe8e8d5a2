package io.smtpdup.net;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;

/** The networks whose clients may hand us mail; everybody else is turned away. Immutable. */
public final class ClientNetworks {

    private static final Pattern SHAPE = Pattern.compile(
            "((?:(?:0|[1-9]\\d{0,2})\\.){3}(?:0|[1-9]\\d{0,2})|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(?:/([0-9]{1,3}))?");

    private static final Pattern NAME = Pattern.compile("[^:/]*[g-zG-Z][^:]*");

    private final List<IPAddress> networks;

    private ClientNetworks(List<IPAddress> networks) {
        this.networks = networks;
    }

    /**
     * Reads networks like {@code 10.0.0.0/8} or {@code 2001:db8::/32} and single addresses, parted by commas or spaces.
     * An empty text is nobody.
     *
     * @throws IllegalArgumentException when one of them is not a network; the message says why
     */
    public static ClientNetworks parse(String list) {
        return new ClientNetworks(
                Arrays.stream(list.split("[,\\s]+")).filter(s -> !s.isEmpty()).map(ClientNetworks::network).toList());
    }

    /** Whether a client of that address may send. An IPv4 address mapped into IPv6 counts as the IPv4 address it is. */
    public boolean contains(InetAddress client) {
        // From the octets: a link-local address's interface is no part of the question.
        IPAddress address = plain(new IPAddressGenerator().from(client.getAddress()));
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /** True when a network is all of IPv4 or all of IPv6, so that the whole world may send. */
    public boolean isOpen() {
        return networks.stream().anyMatch(network -> network.getNetworkPrefixLength() == 0);
    }

    /** The networks in canonical form, parted by commas. */
    @Override
    public String toString() {
        return String.join(",", networks.stream().map(ClientNetworks::text).toList());
    }

    /** One network in canonical form, {@code address/prefix}. */
    public static String canonical(String network) {
        return text(network(network));
    }

    private static IPAddress network(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    NAME.matcher(text).matches() ? "a name is not a network" : "this is not an IP address");
        }
        IPAddress address = address(matcher.group(1));
        int prefix = matcher.group(2) == null ? address.getBitCount() : Integer.parseInt(matcher.group(2));
        if (prefix > address.getBitCount()) {
            throw new IllegalArgumentException("the prefix length is above " + address.getBitCount());
        }
        if (plain(address) != address) {
            throw new IllegalArgumentException("write an IPv4 address mapped into IPv6 as IPv4");
        }
        IPAddress network = address.toPrefixBlock(prefix);
        if (!network.getLower().withoutPrefixLength().equals(address)) {
            throw new IllegalArgumentException("bits are set behind the prefix: did you mean " + text(network) + "?");
        }
        return network;
    }

    private static IPAddress address(String text) {
        try {
            return new IPAddressString(text).toAddress();
        } catch (AddressStringException e) {
            throw new IllegalArgumentException("this is not an IP address", e);
        }
    }

    private static IPAddress plain(IPAddress address) {
        return address.isIPv6() && address.toIPv6().isIPv4Mapped()
                ? address.toIPv6().getEmbeddedIPv4Address()
                : address;
    }

    private static String text(IPAddress network) {
        return network.getLower().withoutPrefixLength().toCanonicalString() + "/" + network.getNetworkPrefixLength();
    }
}
