package io.smtpdup.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One end of an SMTP connection: lines and octets in, octets out, TLS when asked for, and rude ways to leave. */
final class Wire implements Closeable {

    private static final int BUFFER = 65536;

    private static final String ESTABLISHED = "01";

    private final Socket raw;

    private Socket socket;

    private InputStream in;

    private OutputStream out;

    Wire(Socket raw) throws IOException {
        this.raw = raw;
        raw.setTcpNoDelay(true);
        use(raw);
    }

    /** The next line without its CRLF or bare LF; null at the end of the stream, an unfinished line being dropped. */
    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            line.write(c);
        }
        String text = text(line.toByteArray());
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether more has arrived than was read. */
    boolean hasArrived() throws IOException {
        return in.available() > 0;
    }

    /** Loses what has arrived and was not read. */
    void forgetWhatHasArrived() throws IOException {
        while (in.available() > 0 || raw.getInputStream().available() > 0) {
            in.read();
        }
    }

    /** The next octet, or -1 at the end of the stream. */
    int read() throws IOException {
        return in.read();
    }

    void write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    /** Talks TLS from here on; octets already read in clear text are forgotten, as RFC 3207 asks. */
    void startTls(SSLContext context, boolean asClient) throws IOException {
        SSLSocket secured = (SSLSocket)
                context.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), true);
        secured.setUseClientMode(asClient);
        secured.startHandshake();
        use(secured);
    }

    void shutdownOutput() throws IOException {
        raw.shutdownOutput();
    }

    /** Leaves with RST, so that the peer's next read or write fails. */
    void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    /** Closes the connection under whoever is using it, without a TLS goodbye, which could block. */
    void cut() {
        try {
            raw.close();
        } catch (IOException e) {
            // gone already
        }
    }

    /**
     * Whether the peer, on this machine, knows yet that the connection was cut. The system tells it in its own time, when it is
     * busy; where it does not say (anywhere but on Linux), the answer is yes.
     */
    boolean isOverForPeer() {
        String client = String.format(":%04X", raw.getPort());
        String server = String.format(":%04X", raw.getLocalPort());
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6").map(Path::of).filter(Files::exists)
                .flatMap(Wire::lines).map(line -> line.strip().split("\\s+"))
                .noneMatch(field -> field[1].endsWith(client) && field[2].endsWith(server) && field[3].equals(ESTABLISHED));
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** UTF-8 where it is UTF-8, and one character for each octet where it is not. */
    static String text(byte[] octets) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
        } catch (CharacterCodingException e) {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }
    }

    private void use(Socket next) throws IOException {
        socket = next;
        in = new BufferedInputStream(next.getInputStream(), BUFFER);
        out = next.getOutputStream();
    }
}
