package io.smtpdup.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * A client that talks to an SMTP server like a person at telnet: it sends what it is told, legal or not, and believes
 * nothing. Every reply is waited for up to 10 s, and every failure shows the whole dialogue.
 *
 * <pre>{@code
 * try (SmtpDialogue client = SmtpDialogue.connect(port)) {
 *     client.expect("220");
 *     client.say("EHLO client.test", "250");
 *     client.say("MAIL FROM:<a@b.test>", "250 2.1.0");
 *     client.say("RCPT TO:<c@d.test>", "/^250 .*Ok/");
 *     client.data(message);
 *     client.expect("250");
 * }
 * }</pre>
 *
 * <p>An expectation is the beginning of the reply's first or last line, or a regular expression between slashes to be
 * found in the reply, whose lines are parted by LF.
 */
public final class SmtpDialogue implements AutoCloseable {

    private static final Duration PATIENCE = Patience.LIMIT;

    private final Socket socket;

    private final Wire wire;

    private final List<String> transcript = new ArrayList<>();

    private SmtpDialogue(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) PATIENCE.toMillis());
        wire = new Wire(socket);
    }

    /** Connects to 127.0.0.1 and reads nothing yet: the greeting is the first reply to expect. */
    public static SmtpDialogue connect(int port) {
        try {
            return new SmtpDialogue(new Socket(InetAddress.getByName("127.0.0.1"), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits so long for each reply from now on, in the place of ten seconds. */
    public SmtpDialogue withPatience(Duration patience) {
        try {
            socket.setSoTimeout((int) patience.toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Connects to 127.0.0.1 as a client that has this address itself. */
    public static SmtpDialogue connectFrom(String address, int port) {
        try {
            return new SmtpDialogue(
                    new Socket(InetAddress.getByName("127.0.0.1"), port, InetAddress.getByName(address), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects with TLS from the first octet on. */
    public static SmtpDialogue connectTls(int port, SSLContext context) {
        return connect(port).startTls(context);
    }

    /** Plays a whole {@link DialogueScript} on a new connection. */
    public static void script(int port, String text) {
        try (SmtpDialogue dialogue = connect(port)) {
            dialogue.play(text);
        }
    }

    /** Plays a {@link DialogueScript} on this connection. */
    public void play(String text) {
        new DialogueScript(text).playOn(this);
    }

    /** Reads one reply with all its lines and returns it, lines parted by LF; fails when it is not as expected. */
    public String expect(String expectation) {
        String reply = readReply(expectation);
        if (!matches(reply, expectation)) {
            throw failure("expected " + expectation + " but heard " + reply, null);
        }
        return reply;
    }

    /** Sends a line, CRLF added. */
    public SmtpDialogue send(String line) {
        transcript.add("C: " + line);
        return write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Sends these octets and nothing else. */
    public SmtpDialogue sendRaw(byte[] octets) {
        transcript.add("C: (raw) " + shown(octets));
        return write(octets);
    }

    /** As {@link #sendRaw(byte[])}, one octet for each character up to U+00FF. */
    public SmtpDialogue sendRaw(String text) {
        return sendRaw(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a line and reads the reply to it. */
    public String say(String line, String expectation) {
        send(line);
        return expect(expectation);
    }

    /** Sends all lines in one write; the replies are still to be expected, one by one. */
    public SmtpDialogue pipeline(String... lines) {
        List.of(lines).forEach(line -> transcript.add("C: (pipelined) " + line));
        return write((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Says DATA and, after 354, sends the message as {@link #message}; its reply is still to be expected. */
    public SmtpDialogue data(byte[] message) {
        say("DATA", "354");
        return message(message);
    }

    /** Sends a message, which ends with CRLF or is empty, with dot-stuffing and final dot; without DATA. */
    public SmtpDialogue message(byte[] message) {
        transcript.add("C: (message of " + message.length + " octets)");
        return write(stuffed(message));
    }

    /** Sends one chunk (RFC 3030); the reply is still to be expected. */
    public SmtpDialogue bdat(byte[] chunk, boolean last) {
        send("BDAT " + chunk.length + (last ? " LAST" : ""));
        transcript.add("C: (chunk of " + chunk.length + " octets)");
        return write(chunk);
    }

    /** The TLS handshake alone: STARTTLS and its reply come before it. */
    public SmtpDialogue startTls(SSLContext context) {
        try {
            wire.startTls(context, true);
            transcript.add("*: TLS");
            return this;
        } catch (IOException e) {
            throw failure("no TLS", e);
        }
    }

    /** Sends FIN and goes on listening. */
    public SmtpDialogue shutdownOutput() {
        return attempt("shuts down its output", wire::shutdownOutput);
    }

    /** Leaves with RST. */
    public void reset() {
        attempt("resets", wire::reset);
    }

    /** True when the server closes or resets the connection within the time, without saying more. */
    public boolean isClosedByPeer() {
        try {
            int octet = wire.read();
            if (octet >= 0) {
                transcript.add("S: (more) " + (char) octet);
            }
            return octet < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** True when the server ends the connection with RST, not with a proper close, and says no more before. */
    public boolean isResetByPeer() {
        try {
            wire.read();
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** True when the server says nothing for so long: it waits for us, or is busy. */
    public boolean hearsNothingFor(Duration duration) {
        try {
            socket.setSoTimeout((int) duration.toMillis());
            int octet = wire.read();
            throw failure(octet < 0 ? "the server closed" : "the server spoke: " + (char) octet, null);
        } catch (SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            throw failure("the connection broke", e);
        } finally {
            attempt("is patient again", () -> socket.setSoTimeout((int) PATIENCE.toMillis()));
        }
    }

    /** The dialogue so far. */
    public String transcript() {
        return String.join("\n", transcript);
    }

    /** Hangs up, without QUIT. */
    @Override
    public void close() {
        try {
            wire.close();
        } catch (IOException e) {
            transcript.add("*: " + e);
        }
    }

    /** The message as it goes over the wire: a dot before each line that begins with one, and the final dot. */
    static byte[] stuffed(byte[] message) {
        int length = message.length;
        if (length > 0 && (length < 2 || message[length - 2] != '\r' || message[length - 1] != '\n')) {
            throw new IllegalArgumentException("the message does not end with CRLF");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 64);
        for (int i = 0; i < length; i++) {
            boolean lineStart = i == 0 || i > 1 && message[i - 1] == '\n' && message[i - 2] == '\r';
            if (lineStart && message[i] == '.') {
                out.write('.');
            }
            out.write(message[i]);
        }
        out.writeBytes(".\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private String readReply(String expectation) {
        List<String> lines = new ArrayList<>();
        try {
            do {
                String line = wire.readLine();
                if (line == null) {
                    throw failure("expected " + expectation + " but the server closed the connection", null);
                }
                transcript.add("S: " + line);
                lines.add(line);
            } while (lines.get(lines.size() - 1).matches("(?s)\\d{3}-.*"));
        } catch (IOException e) {
            throw failure("expected " + expectation + " but heard no whole reply", e);
        }
        return String.join("\n", lines);
    }

    private static boolean matches(String reply, String expectation) {
        if (expectation.length() > 1 && expectation.startsWith("/") && expectation.endsWith("/")) {
            String regex = expectation.substring(1, expectation.length() - 1);
            return Pattern.compile(regex, Pattern.DOTALL).matcher(reply).find();
        }
        String last = reply.substring(reply.lastIndexOf('\n') + 1);
        return reply.startsWith(expectation) || last.startsWith(expectation);
    }

    private SmtpDialogue write(byte[] octets) {
        try {
            wire.write(octets);
            return this;
        } catch (IOException e) {
            throw failure("cannot send", e);
        }
    }

    @FunctionalInterface
    private interface Deed {
        void run() throws IOException;
    }

    private SmtpDialogue attempt(String what, Deed deed) {
        try {
            deed.run();
            transcript.add("*: " + what);
            return this;
        } catch (IOException e) {
            throw failure(what, e);
        }
    }

    private AssertionError failure(String what, Throwable cause) {
        return new AssertionError(what + "; the dialogue:\n" + transcript(), cause);
    }

    private static String shown(byte[] octets) {
        String text = new String(octets, 0, Math.min(octets.length, 200), StandardCharsets.ISO_8859_1);
        return text.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
    }
}
