package io.smtpdup.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ClientNetworksTest {

    private final ClientNetworks networks = ClientNetworks.parse("10.0.0.0/8, 192.0.2.7 2001:db8::/32,fe80::/10,");

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.255.255.255", "192.0.2.7", "2001:db8:ffff::1", "fe80::1"})
    void containsAListedClient(String client) throws UnknownHostException {
        assertThat(networks.contains(InetAddress.getByName(client))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"11.0.0.0", "9.255.255.255", "192.0.2.8", "2001:db9::1", "127.0.0.1", "::1", "::a00:1"})
    void containsNoOther(String client) throws UnknownHostException {
        assertThat(networks.contains(InetAddress.getByName(client))).isFalse();
    }

    @Test
    void takesAMappedAddressForTheIpv4AddressItIs() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;

        assertThat(networks.contains(Inet6Address.getByAddress(null, mapped, -1))).isTrue();
    }

    @Test
    void ignoresTheInterfaceOfALinkLocalAddress() throws UnknownHostException {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();

        assertThat(networks.contains(Inet6Address.getByAddress(null, linkLocal, 3))).isTrue();
    }

    @Test
    void suggestsTheNetworkWhenHostBitsAreSet() {
        assertThatIllegalArgumentException().isThrownBy(() -> ClientNetworks.parse("10.0.0.1/8"))
                .withMessageContaining("did you mean 10.0.0.0/8?");
        assertThatIllegalArgumentException().isThrownBy(() -> ClientNetworks.parse("2001:db8::1/32"))
                .withMessageContaining("did you mean 2001:db8::/32?");
    }

    @Test
    void saysThatANameIsNoNetwork() {
        assertThatIllegalArgumentException().isThrownBy(() -> ClientNetworks.parse("localhost"))
                .withMessage("a name is not a network");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "10.0.0/8", "10.0.0.0/33", "2001:db8::/129", "10.0.0.256", "010.0.0.1", "10.*.0.0", "10.0.0.0-10.0.0.9", "/8", "*",
        "10.0.0.0/255.0.0.0", "10.0.0.0/", "10.0.0.0/-1", "1:2", "fe80::1%eth0", "::ffff:10.0.0.0/104", "0x0a000001"})
    void refusesWhatIsNoNetwork(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ClientNetworks.parse(text));
    }

    @Test
    void knowsWhenTheWholeWorldMaySend() {
        assertThat(ClientNetworks.parse("10.0.0.0/8,::/0").isOpen()).isTrue();
        assertThat(networks.isOpen()).isFalse();
    }

    @Test
    void writesNetworksInCanonicalForm() {
        assertThat(ClientNetworks.parse("10.0.0.0/8 ,2001:DB8:0::7")).hasToString("10.0.0.0/8,2001:db8::7/128");
    }
}
