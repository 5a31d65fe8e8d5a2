package io.smtpdup.config;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.config.SettingsLoader.Placed;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;

/** Checks that the addresses fit together: no open relay by accident, no mail loop, no destination twice. */
final class NetworkChecks {

    private final Map<Key, List<Item>> given;
    private final Map<Key, String> values;
    private final Findings findings;

    NetworkChecks(Map<Key, List<Item>> given, Map<Key, String> values, Findings findings) {
        this.given = given;
        this.values = values;
        this.findings = findings;
    }

    /** @param primary one, or none when it is wrong or not set */
    void run(List<Placed> primary, List<Placed> backups) {
        clientsAreListed();
        proxiesAreListed();
        lmtpIsNotOnPort25();
        everyDestinationOnce(primary, backups);
        Stream.concat(primary.stream(), backups.stream()).forEach(placed -> {
            notOurselves(placed);
            passwordIsSafe(placed);
        });
        brokersKeysComeTogether();
        brokersPasswordIsSafe();
    }

    private void brokersKeysComeTogether() {
        require(Key.SPOOL_BROKER_USER, Key.SPOOL_BROKER_PASSWORD, "must be both or none");
        require(Key.SPOOL_BROKER_PASSWORD, Key.SPOOL_BROKER_USER, "must be both or none");
        require(Key.SPOOL_BROKER_USER, Key.SPOOL_BROKER_URL, "must be set: without it there is no broker to log in to");
    }

    private void require(Key one, Key other, String rule) {
        if (given.containsKey(one) && !given.containsKey(other)) {
            findings.problem(given.get(one).get(0).problem(other.text() + " is not set: " + rule));
        }
    }

    private void brokersPasswordIsSafe() {
        String url = values.getOrDefault(Key.SPOOL_BROKER_URL, "");
        boolean elsewhere = Stream.of(url.split("tcp://")).skip(1)
                .anyMatch(server -> !server.matches("(127\\.[0-9.]+|localhost|\\[::1]):.*"));
        if (elsewhere && values.containsKey(Key.SPOOL_BROKER_PASSWORD) && !url.contains("sslEnabled=true")) {
            findings.warning(given.get(Key.SPOOL_BROKER_URL).get(0).problem("the broker's password and all mails travel in"
                    + " plain text: better add sslEnabled=true"));
        }
    }

    private void clientsAreListed() {
        if (given.containsKey(Key.SMTP_CLIENTS)) {
            if (values.containsKey(Key.SMTP_CLIENTS) && ClientNetworks.parse(values.get(Key.SMTP_CLIENTS)).isOpen()) {
                findings.warning(given.get(Key.SMTP_CLIENTS).get(0).problem("anybody on the Internet may send: an open relay"));
            }
        }
        if (!given.containsKey(Key.SMTP_LISTEN) || !values.containsKey(Key.SMTP_LISTEN)) {
            return;
        }
        Item listen = given.get(Key.SMTP_LISTEN).get(0);
        try {
            InetAddress[] addresses = InetAddress.getAllByName(HostPort.parse(values.get(Key.SMTP_LISTEN)).host());
            if (!Stream.of(addresses).allMatch(InetAddress::isLoopbackAddress) && !given.containsKey(Key.SMTP_CLIENTS)) {
                findings.problem(listen.problem("other machines can connect, but " + Key.SMTP_CLIENTS.text()
                        + " is not set: must be a loopback address, or " + Key.SMTP_CLIENTS.text()
                        + " must list the networks that may send"));
            }
        } catch (UnknownHostException e) {
            findings.problem(listen.problem("the host is not known to the system; must be " + Key.SMTP_LISTEN.allowed()));
        }
    }

    private void proxiesAreListed() {
        if ("true".equals(values.get(Key.SMTP_PROXY_PROTOCOL)) && !given.containsKey(Key.SMTP_TRUSTED_RELAYS)) {
            findings.problem(given.get(Key.SMTP_PROXY_PROTOCOL).get(0).problem(Key.SMTP_TRUSTED_RELAYS.text()
                    + " is not set: must list the proxies, otherwise nobody can connect"));
        }
        if (values.containsKey(Key.SMTP_TRUSTED_RELAYS)
                && ClientNetworks.parse(values.get(Key.SMTP_TRUSTED_RELAYS)).isOpen()) {
            findings.warning(given.get(Key.SMTP_TRUSTED_RELAYS).get(0).problem(
                    "anybody on the Internet may claim to be somebody else"));
        }
    }

    private void lmtpIsNotOnPort25() {
        boolean port25 = values.containsKey(Key.SMTP_LISTEN)
                && HostPort.parse(values.get(Key.SMTP_LISTEN)).port() == HostPort.SMTP_PORT;
        if (port25 && "lmtp".equals(values.get(Key.SMTP_PROTOCOL))) {
            findings.problem(given.get(Key.SMTP_LISTEN).get(0).problem(
                    "LMTP must not be spoken on port 25 (RFC 2033 section 5): must be another port"));
        }
    }

    private void everyDestinationOnce(List<Placed> primary, List<Placed> backups) {
        Map<HostPort, String> seen = new HashMap<>();
        primary.forEach(placed -> seen.put(placed.destination().hostPort().withoutFinalDot(), "the primary"));
        for (Placed backup : backups) {
            String other = seen.putIfAbsent(backup.destination().hostPort().withoutFinalDot(), "another backup");
            if (other != null) {
                findings.problem(backup.item().problem("is " + other + " as well: must be another address"));
            }
        }
    }

    private void notOurselves(Placed placed) {
        if (!values.containsKey(Key.SMTP_LISTEN)) {
            return;
        }
        HostPort listen = HostPort.parse(values.get(Key.SMTP_LISTEN));
        HostPort hostPort = placed.destination().hostPort();
        if (listen.port() == hostPort.port() && reaches(hostPort.host(), listen.host())) {
            findings.problem(placed.item().problem("is the address this relay listens on (" + Key.SMTP_LISTEN.text() + "): every mail "
                    + "would come back; must be another server"));
        }
    }

    /** Looks up no name but localhost: the start must not hang on the name server of a backup. */
    private static boolean reaches(String host, String listening) {
        if (host.equals(listening)) {
            return true;
        }
        try {
            boolean localhost = host.equals("localhost");
            if (!localhost && !new HostPort(host, 0).isAddress()) {
                return false;
            }
            InetAddress destination = InetAddress.getByName(host);
            InetAddress[] ours = InetAddress.getAllByName(listening);
            return Stream.of(ours).anyMatch(our -> our.isAnyLocalAddress() ? isOfThisMachine(destination)
                    : our.equals(destination) || localhost && our.isLoopbackAddress());
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress() || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private void passwordIsSafe(Placed placed) {
        Destination destination = placed.destination();
        if (destination.user().isPresent() && !destination.tls().isVerified()) {
            String danger = destination.tls() == TlsMode.OFF
                    ? " the password travels in plain text"
                    : " the password is sent to whoever answers there";
            findings.warning(placed.item().problem("with tls=" + destination.tls().word() + danger
                    + ": better write tls=required or smtps://"));
        }
    }
}
