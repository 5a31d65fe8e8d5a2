package io.smtpdup.postfix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A listening socket on 127.0.0.1 that a process of its own holds, as systemd's socket unit does, with room for 500 clients that wait. It
 * needs Python.
 */
public final class HeldSocket implements AutoCloseable {

    private static final String SCRIPT = Path.of("src/test/python/held_socket.py").toAbsolutePath().toString();

    private final int port;

    private final Path door;

    private final Process holder;

    private HeldSocket(int port, Path door, Process holder) {
        this.port = port;
        this.door = door;
        this.holder = holder;
    }

    /** Opens one; when this returns, clients can connect. */
    public static HeldSocket open(Path directory) throws IOException {
        int port = FreePort.find();
        Path door = directory.resolve("held");
        Process holder = new ProcessBuilder("python3", SCRIPT, "hold", String.valueOf(port), door.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        if (holder.getInputStream().read() != 'h') {
            throw new IOException("nobody holds a socket on port " + port);
        }
        return new HeldSocket(port, door, holder);
    }

    public int port() {
        return port;
    }

    /** What stands before the command line of a program that is to have it as its standard input. */
    List<String> starter() {
        return List.of("python3", SCRIPT, "run", door.toString());
    }

    @Override
    public void close() {
        holder.destroy();
    }
}
