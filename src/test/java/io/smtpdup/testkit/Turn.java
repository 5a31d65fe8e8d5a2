package io.smtpdup.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The server's turn to speak: one reply it owes, and all it may do instead of giving it. */
final class Turn {

    private final Wire wire;

    private final Recorder recorder;

    private final int connection;

    private final String usual;

    private final Runnable accept;

    private int code;

    Turn(Wire wire, Recorder recorder, int connection, String usual, Runnable accept) {
        this.wire = wire;
        this.recorder = recorder;
        this.connection = connection;
        this.usual = usual;
        this.accept = accept;
    }

    /** The code of the reply given, or 0 when it had none. */
    int code() {
        return code;
    }

    void sayUsual() throws IOException {
        say(usual);
    }

    void say(String reply) throws IOException {
        wire.write(begin(reply));
    }

    /** Gives the reply octet by octet, with a pause before each. */
    void drip(String reply, Duration pause) throws IOException, InterruptedException {
        for (byte octet : begin(reply)) {
            pause(pause);
            wire.write(new byte[] {octet});
        }
    }

    /** Lets time pass; an interrupt, which is how the server cuts a connection, ends it. */
    void pause(Duration duration) throws InterruptedException {
        new CountDownLatch(1).await(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Takes what was offered, without saying so. */
    void accept() {
        accept.run();
    }

    void hangUp() throws IOException {
        throw new HungUp("hangs up");
    }

    void reset() throws IOException {
        wire.reset();
        throw new HungUp("resets");
    }

    /** Says nothing more, and only listens, until one of the two closes the connection. */
    void stall() throws IOException {
        recorder.note(connection, "stalls");
        for (String line = wire.readLine(); line != null; line = wire.readLine()) {
            recorder.client(connection, line);
        }
        throw new HungUp("stalled until the client left");
    }

    private byte[] begin(String reply) {
        String text = reply.replaceAll("\r?\n", "\r\n");
        code = reply.matches("(?s)\\d{3}.*") ? Integer.parseInt(reply.substring(0, 3)) : 0;
        if (code >= 200 && code < 400) {
            accept.run();
        }
        text.lines().forEach(line -> recorder.server(connection, line));
        return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
