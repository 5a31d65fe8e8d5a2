package io.smtpdup.postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a {@link PostfixInstance} is told: a plain server that accepts everything from this machine and can deliver
 * nothing, the routes a test adds, and the fragments of {@code deploy/postfix}, in which only the relay's port and the
 * port for the way back are replaced.
 */
public final class PostfixConfiguration {

    private static final Path FRAGMENTS = Path.of("deploy", "postfix");

    private static final String SERVICES = """
            127.0.0.1:%d inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd
            """;

    private final Map<String, String> parameters = new LinkedHashMap<>();

    private final StringBuilder mainFragments = new StringBuilder();

    private final StringBuilder services = new StringBuilder();

    private final StringBuilder transports = new StringBuilder();

    private final int relayPort;

    private PostfixConfiguration(int relayPort) {
        this.relayPort = relayPort;
        with("compatibility_level", "3.6");
        with("myhostname", "mx.postfix.test");
        with("inet_interfaces", "loopback-only");
        with("inet_protocols", "ipv4");
        with("mynetworks", "127.0.0.0/8");
        with("smtpd_authorized_xclient_hosts", "127.0.0.0/8");
        with("smtpd_authorized_xforward_hosts", "127.0.0.0/8");
        with("mydestination", "");
        with("local_recipient_maps", "");
        with("alias_maps", "");
        with("alias_database", "");
        with("relay_domains", "example.com");
        with("default_transport", "error:5.1.2 no route in this test");
    }

    /** A server with the transport to the relay, and with the domain example.com routed through it. */
    static PostfixConfiguration byDomain(int relayPort) throws IOException {
        PostfixConfiguration configuration = withTransport(relayPort);
        configuration.transports.append(configuration.fragment("transport"));
        return configuration;
    }

    /** As {@link #byDomain}, with the transport that speaks LMTP. */
    static PostfixConfiguration overLmtp(int relayPort) throws IOException {
        PostfixConfiguration configuration = new PostfixConfiguration(relayPort);
        configuration.mainFragments.append(configuration.fragment("main.cf"));
        configuration.services.append(configuration.fragment("master.cf.lmtp"));
        configuration.transports.append(configuration.fragment("transport"));
        return configuration;
    }

    /** A server that knows nothing of the relay: its mail goes where {@link #route} says. */
    static PostfixConfiguration mailServer() {
        return new PostfixConfiguration(0).with("transport_maps", "hash:$config_directory/transport");
    }

    /** A server that sends all its mail through the relay. */
    static PostfixConfiguration wholeServer(int relayPort) throws IOException {
        PostfixConfiguration configuration = withTransport(relayPort);
        configuration.parameters.remove("default_transport");
        configuration.mainFragments.append(configuration.fragment("main.cf.whole-server"));
        return configuration;
    }

    /** A server whose mail makes a turn through the relay and comes back on the second port. */
    static PostfixConfiguration beforePrimary(int relayPort, int returnPort) throws IOException {
        PostfixConfiguration configuration = withTransport(relayPort);
        configuration.mainFragments.append(configuration.fragment("main.cf.before-primary"));
        configuration.services.append(
                configuration.fragment("master.cf.before-primary").replace(":10026", ":" + returnPort));
        return configuration;
    }

    private static PostfixConfiguration withTransport(int relayPort) throws IOException {
        PostfixConfiguration configuration = new PostfixConfiguration(relayPort);
        configuration.mainFragments.append(configuration.fragment("main.cf"));
        configuration.services.append(configuration.fragment("master.cf"));
        return configuration;
    }

    /** Sets a parameter of main.cf. */
    PostfixConfiguration with(String parameter, String value) {
        parameters.put(parameter, value);
        return this;
    }

    /** Routes a domain to this port of 127.0.0.1, past the relay. */
    PostfixConfiguration route(String domain, int port) {
        transports.append("%s smtp:[127.0.0.1]:%d%n".formatted(domain, port));
        return this;
    }

    /** Writes main.cf, master.cf and transport. */
    void writeTo(Path directory, int port) throws IOException {
        String main = parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + " = " + parameter.getValue() + "\n")
                .collect(Collectors.joining());
        Files.writeString(directory.resolve("main.cf"), main + mainFragments);
        Files.writeString(directory.resolve("master.cf"), SERVICES.formatted(port) + services);
        Files.writeString(directory.resolve("transport"), transports);
    }

    private String fragment(String name) throws IOException {
        return Files.readString(FRAGMENTS.resolve(name)).replace("[127.0.0.1]:2525", "[127.0.0.1]:" + relayPort);
    }
}
