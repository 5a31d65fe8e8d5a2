package io.smtpdup.testkit;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

import org.awaitility.Awaitility;

/**
 * A recording SMTP server on 127.0.0.1 for the relay to deliver to. Left alone it behaves well and takes every message;
 * a script makes it refuse, hang up, stall or vanish:
 *
 * <pre>{@code
 * try (ScriptedSmtpServer primary = ScriptedSmtpServer.start()) {
 *     primary.on("RCPT").when(line -> line.contains("bob")).reply("550 5.1.1 no such user");
 *     primary.on("DOT").once().reply("451 4.3.0 come back later");
 *     ...
 *     primary.awaitMessages(1);
 * }
 * }</pre>
 *
 * <p>Verbs are those of SMTP and the moments CONNECT (the greeting) and DOT (the reply to the message). DATA is the
 * reply to the command. A script may change while connections are open. All waiting methods give up after 10 s with the
 * whole dialogue in the error.
 */
public final class ScriptedSmtpServer implements AutoCloseable {

    private final ServerScript script = new ServerScript();

    private final Recorder recorder = new Recorder(Patience.LIMIT);

    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    private final String host;

    private final int port;

    private Listener listener;

    private ScriptedSmtpServer(String host, int wanted) {
        this.host = host;
        listener = new Listener(host, wanted, this::serve);
        port = listener.port();
    }

    /** A well-behaved server on a free port, listening. */
    public static ScriptedSmtpServer start() {
        return new ScriptedSmtpServer("127.0.0.1", 0);
    }

    /** Another one on the same port of another address, as when a name has two: {@code 127.0.0.2}. */
    public static ScriptedSmtpServer startBeside(ScriptedSmtpServer other, String host) {
        return new ScriptedSmtpServer(host, other.port);
    }

    public int port() {
        return port;
    }

    /** Host and port, as the relay's configuration wants it. */
    public String address() {
        return host + ":" + port;
    }

    /** Announces exactly these after EHLO, besides STARTTLS and AUTH where configured. CHUNKING makes it take BDAT. */
    public ScriptedSmtpServer announcing(String... extensions) {
        script.extensions = List.of(extensions);
        return this;
    }

    public ScriptedSmtpServer withStartTls(SSLContext context) {
        script.startTls = context;
        return this;
    }

    /** TLS from the first octet on, for connections accepted from now on. */
    public ScriptedSmtpServer implicitTls(SSLContext context) {
        script.implicitTls = context;
        return this;
    }

    /** Offers AUTH PLAIN and LOGIN, and refuses MAIL from a client that has not logged in. */
    public ScriptedSmtpServer withAuth(String user, String password) {
        script.auth = new AuthExchange(user, password);
        return this;
    }

    /** Reads one command of what has arrived together and loses the others, whatever it announces. */
    public ScriptedSmtpServer readingOneCommandAtATime() {
        script.oneCommandAtATime = true;
        return this;
    }

    /** Begins a rule for this verb, CONNECT or DOT. */
    public ScriptRule on(String verb) {
        return new ScriptRule(verb, script.rules::add);
    }

    /** Closes the connection once so many octets of a message have arrived; for every message from now on. */
    public void hangUpDuringData(long afterOctets) {
        script.dataLimit = new ServerScript.DataLimit(afterOctets, true);
    }

    /**
     * Stops reading once so many octets of a message have arrived, and keeps the connection open. What the two kernels
     * hold for a connection is several megabytes: only a larger message brings its sender to a stand.
     */
    public void stopReadingDuringData(long afterOctets) {
        script.dataLimit = new ServerScript.DataLimit(afterOctets, false);
    }

    /** Forgets all rules: good manners again, except for what is already stalling. */
    public void behaveAgain() {
        script.rules.clear();
        script.dataLimit = null;
    }

    /** Refuses connections and cuts those that are open. */
    public void down() {
        refuseNewConnections();
        dropIdleConnections();
    }

    /** Refuses connections; those that are open go on. */
    public synchronized void refuseNewConnections() {
        listener.close();
    }

    /** Listens again, on the same port. */
    public synchronized void up() {
        if (listener.isClosed()) {
            listener = new Listener(host, port, this::serve);
        }
    }

    /** Closes every open connection, idle or not, and keeps listening: what is left in a client's pool is stale. */
    public void dropIdleConnections() {
        List<ServerConnection> open = List.copyOf(connections);
        open.forEach(ServerConnection::cut);
        recorder.await("connections to end", () -> open.stream().allMatch(ServerConnection::isOver));
        Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).atMost(Patience.LIMIT)
                .until(() -> open.stream().allMatch(ServerConnection::isOverForPeer));
    }

    /** The messages this server took, in the order of their final dots. */
    public List<ReceivedMessage> messages() {
        return recorder.accepted();
    }

    /** All messages that came to their final dot, those that were then refused or left without a reply included. */
    public List<ReceivedMessage> offeredMessages() {
        return recorder.offered();
    }

    /** Every line the clients said, message octets left out, in the order of their arrival. */
    public List<String> commands() {
        return recorder.commands(0);
    }

    /** Every line the client of this connection said; the first connection is 1. */
    public List<String> commands(int connection) {
        return recorder.commands(connection);
    }

    /** The commands of this connection, those together that the client sent without waiting for a reply in between. */
    public List<List<String>> flights(int connection) {
        return recorder.flights(connection);
    }

    /** Both sides of all connections, for a person to read. */
    public String transcript() {
        return recorder.transcript();
    }

    /** How many connections there have been. */
    public int connectionCount() {
        return recorder.connections();
    }

    public int openConnections() {
        return recorder.open();
    }

    /** Waits for at least so many messages and returns them all. */
    public List<ReceivedMessage> awaitMessages(int n) {
        recorder.await(n + " messages", () -> recorder.accepted().size() >= n);
        return messages();
    }

    /** Waits until so many connections have been made, since the start. */
    public void awaitConnections(int n) {
        recorder.await(n + " connections", () -> recorder.connections() >= n);
    }

    /** Waits until exactly so many connections are open. */
    public void awaitOpenConnections(int n) {
        recorder.await(n + " open connections", () -> recorder.open() == n);
    }

    /** Waits until a client has said a line that begins so. */
    public void awaitCommand(String prefix) {
        recorder.await(
                "a line that begins with " + prefix,
                () -> recorder.commands(0).stream().anyMatch(line -> line.startsWith(prefix)));
    }

    /** Waits until the {@link #transcript} contains this. */
    public void awaitTranscript(String text) {
        recorder.await(text, () -> recorder.transcript().contains(text));
    }

    @Override
    public void close() {
        down();
    }

    private void serve(Socket socket) throws IOException {
        Wire wire = new Wire(socket);
        int number = recorder.opened();
        ServerConnection connection = new ServerConnection(number, wire, script, recorder);
        connections.add(connection);
        Thread thread = new Thread(
                () -> {
                    connection.run();
                    connections.remove(connection);
                },
                "scripted-smtp-" + port + "-" + number);
        thread.setDaemon(true);
        thread.start();
    }
}
