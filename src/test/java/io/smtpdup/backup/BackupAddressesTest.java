package io.smtpdup.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.smtpdup.config.Destination;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.TraceFields;
import io.smtpdup.net.TlsMode;
import org.junit.jupiter.api.Test;

/** Which clients the quiet check takes for a backup. */
class BackupAddressesTest {

    private final Map<String, List<String>> dns = new HashMap<>();

    private final Map<String, String> greetings = new HashMap<>();

    @Test
    void eachAddressOfItsNameIsTheBackup() {
        dns.put("old.example", List.of("192.0.2.1"));
        dns.put("new.example", List.of("192.0.2.2", "2001:db8::2"));
        QuietCheck quiet = check("new.example:25");

        assertThat(quiet.concerns(client("192.0.2.2"))).as("not looked up before somebody has time").isFalse();
        quiet.look(false);

        assertThat(quiet.concerns(client("192.0.2.2"))).isTrue();
        assertThat(quiet.concerns(client("2001:db8::2"))).isTrue();
        assertThat(quiet.concerns(client("192.0.2.1"))).isFalse();
        assertThat(quiet.concerns(client("192.0.2.3"))).isFalse();
        assertThat(quiet.isHidden("new.example-25")).isFalse();
    }

    @Test
    void aNameThatCannotBeFoundIsWhereItWas() {
        dns.put("old.example", List.of("192.0.2.1"));
        dns.put("new.example", List.of("192.0.2.2"));
        QuietCheck quiet = check("new.example:25");
        quiet.look(false);
        dns.clear();
        quiet.look(false);
        assertThat(quiet.concerns(client("192.0.2.2"))).isTrue();

        dns.put("new.example", List.of("192.0.2.3"));
        quiet.look(false);

        assertThat(quiet.concerns(client("192.0.2.2"))).isFalse();
        assertThat(quiet.concerns(client("192.0.2.3"))).isTrue();
    }

    @Test
    void theAddressOfThePrimaryIsNobodysWithoutAName() {
        dns.put("old.example", List.of("192.0.2.1"));
        greetings.put("192.0.2.1:26", "new.example ESMTP ready");
        greetings.put("old.example:25", "old.example ESMTP");
        QuietCheck quiet = check("192.0.2.1:26");
        quiet.look(false);

        assertThat(quiet.isHidden("192.0.2.1-26")).isTrue();
        assertThat(quiet.concerns(client("192.0.2.1"))).isFalse();
        assertThat(quiet.concerns(client("192.0.2.1", "NEW.example"))).isTrue();
        assertThat(quiet.concerns(client("192.0.2.1", "old.example"))).isFalse();
        assertThat(quiet.concerns(client("192.0.2.1", "ESMTP"))).isFalse();
        assertThat(quiet.concerns(client("192.0.2.9", "new.example"))).as("a name alone says nothing").isFalse();

        greetings.put("old.example:25", "new.example ESMTP");
        assertThat(quiet.concerns(client("192.0.2.1", "new.example"))).as("both have it").isFalse();
    }

    @Test
    void nobodyIsTheBackupWhileThePrimaryMayBeAtThatAddress() {
        QuietCheck quiet = check("192.0.2.1:26");
        quiet.look(false);
        assertThat(quiet.concerns(client("192.0.2.1"))).isFalse();

        dns.put("old.example", List.of("192.0.2.2"));
        quiet.look(false);

        assertThat(quiet.concerns(client("192.0.2.1"))).isTrue();
    }

    @Test
    void oneOfTwoBackupsAtOneAddressIsBoth() {
        dns.put("old.example", List.of("192.0.2.1"));
        QuietCheck quiet = check("192.0.2.2:25", "192.0.2.2:26");
        quiet.look(false);

        quiet.arrived("ID", client("192.0.2.2"), new Envelope("", null, false, List.of("a@b.example")),
                new TraceFields("relay.example"));

        assertThat(quiet.echoes("192.0.2.2-25")).isEqualTo(1);
        assertThat(quiet.echoes("192.0.2.2-26")).isEqualTo(1);
        assertThat(quiet.loops("192.0.2.2-25")).isZero();
        assertThat(quiet.echoes("nobody-25")).isZero();
    }

    private QuietCheck check(String... backups) {
        return new QuietCheck(Destination.parse("old.example:25", TlsMode.OFF),
                List.of(backups).stream().map(backup -> Destination.parse(backup, TlsMode.OFF)).toList(), this::resolve,
                address -> greetings.getOrDefault(address, ""));
    }

    private List<InetAddress> resolve(String host) throws UnknownHostException {
        List<InetAddress> addresses = new ArrayList<>();
        for (String literal : dns.getOrDefault(host, host.matches("[0-9.:]+") ? List.of(host) : List.of())) {
            addresses.add(InetAddress.getByName(literal));
        }
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return addresses;
    }

    private static ClientIdentity client(String address) {
        return client(address, "client.example");
    }

    private static ClientIdentity client(String address, String helo) {
        return new ClientIdentity(new InetSocketAddress(address, 40_000), null, helo, "ESMTP");
    }
}
