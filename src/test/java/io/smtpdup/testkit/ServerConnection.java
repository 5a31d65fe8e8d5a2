package io.smtpdup.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;

/** One connection to a {@link ScriptedSmtpServer}, from the greeting on: good manners, unless the script has a rule. */
final class ServerConnection implements Runnable {

    private final int number;

    private final Wire wire;

    private final ServerScript script;

    private final Recorder recorder;

    private String helo;

    private boolean tls;

    private String user;

    private String mailFrom;

    private final List<String> rcptTo = new ArrayList<>();

    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();

    private volatile Thread thread;

    private volatile boolean cut;

    private volatile boolean over;

    ServerConnection(int number, Wire wire, ServerScript script, Recorder recorder) {
        this.number = number;
        this.wire = wire;
        this.script = script;
        this.recorder = recorder;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try (wire) {
            if (!cut) {
                converse();
            }
        } catch (IOException | InterruptedException e) {
            recorder.note(number, e instanceof HungUp ? e.getMessage() : e.toString());
        } finally {
            over = true;
            recorder.closed(number);
        }
    }

    /** Closes the connection from outside, whatever it is doing. */
    void cut() {
        cut = true;
        wire.cut();
        if (thread != null) {
            thread.interrupt();
        }
    }

    boolean isOver() {
        return over;
    }

    boolean isOverForPeer() {
        return wire.isOverForPeer();
    }

    private void converse() throws IOException, InterruptedException {
        if (script.implicitTls != null) {
            secure(script.implicitTls);
        }
        answer("CONNECT", "", "220 scripted.test ESMTP", () -> {});
        boolean together = false;
        for (String line = wire.readLine(); line != null; line = wire.readLine()) {
            recorder.command(number, line, together);
            together = wire.hasArrived();
            if (script.oneCommandAtATime) {
                wire.forgetWhatHasArrived();
            }
            handle(line);
        }
    }

    private void handle(String line) throws IOException, InterruptedException {
        String verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
        switch (verb) {
            case "EHLO", "HELO" -> hello(verb, line);
            case "STARTTLS" -> startTls(line);
            case "AUTH" -> auth(line);
            case "MAIL" -> mail(line);
            case "RCPT" -> rcpt(line);
            case "DATA" -> data(line);
            case "BDAT" -> bdat(line);
            case "RSET" -> answer(verb, line, "250 2.0.0 Ok", this::forget);
            case "NOOP" -> answer(verb, line, "250 2.0.0 Ok", () -> {});
            case "QUIT" -> {
                answer(verb, line, "221 2.0.0 Bye", () -> {});
                throw new HungUp("quit");
            }
            default -> answer(verb, line, "500 5.5.2 unknown command", () -> {});
        }
    }

    private void hello(String verb, String line) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of("scripted.test"));
        if (verb.equals("EHLO")) {
            lines.addAll(script.extensions);
            if (script.startTls != null && !tls) {
                lines.add("STARTTLS");
            }
            if (script.auth != null) {
                lines.add("AUTH PLAIN LOGIN");
            }
        }
        String last = "250 " + lines.remove(lines.size() - 1);
        String reply = String.join("", lines.stream().map(text -> "250-" + text + "\n").toList()) + last;
        answer(verb, line, reply, () -> {
            helo = argument(line, " ");
            forget();
        });
    }

    private void startTls(String line) throws IOException, InterruptedException {
        boolean offered = script.startTls != null && !tls;
        int code = answer("STARTTLS", line, offered ? "220 2.0.0 Go ahead" : "502 5.5.1 no TLS here", () -> {});
        if (code == 220) {
            secure(script.startTls);
            helo = null;
            forget();
        }
    }

    private void secure(SSLContext context) throws IOException {
        wire.startTls(context, false);
        tls = true;
        recorder.note(number, "TLS");
    }

    private void auth(String line) throws IOException, InterruptedException {
        var rule = script.ruleFor("AUTH", line);
        if (rule.isPresent()) {
            Turn turn = turn("235 2.7.0 Welcome", () -> user = script.auth == null ? "" : script.auth.user());
            rule.get().play(turn);
        } else if (script.auth != null && script.auth.succeeds(line, this::challenge)) {
            user = script.auth.user();
            turn("235 2.7.0 Welcome", () -> {}).sayUsual();
        } else {
            turn("535 5.7.8 Authentication failed", () -> {}).sayUsual();
        }
    }

    private String challenge(String challenge) throws IOException {
        turn(challenge, () -> {}).sayUsual();
        String line = wire.readLine();
        if (line == null) {
            throw new EOFException("the client left during AUTH");
        }
        recorder.client(number, line);
        return line;
    }

    private void mail(String line) throws IOException, InterruptedException {
        String usual = script.auth != null && user == null
                ? "530 5.7.0 Authentication required"
                : mailFrom != null ? "503 5.5.1 nested MAIL" : "250 2.1.0 Ok";
        answer("MAIL", line, usual, () -> {
            forget();
            mailFrom = argument(line, ":");
        });
    }

    private void rcpt(String line) throws IOException, InterruptedException {
        String usual = mailFrom == null ? "503 5.5.1 need MAIL" : "250 2.1.5 Ok";
        answer("RCPT", line, usual, () -> rcptTo.add(argument(line, ":")));
    }

    private void data(String line) throws IOException, InterruptedException {
        int code = answer("DATA", line, usualWithRecipients("354 End data with <CR><LF>.<CR><LF>"), () -> {});
        if (code / 100 == 3) {
            take("DOT", new DataReader(wire, this::watch).readToFinalDot());
        }
    }

    private void bdat(String line) throws IOException, InterruptedException {
        String[] words = line.split(" +");
        int size = Integer.parseInt(words[1]);
        for (int i = 0; i < size; i++) {
            int octet = wire.read();
            if (octet < 0) {
                throw new EOFException("the client left inside a chunk");
            }
            chunks.write(octet);
        }
        if (words.length < 3) {
            answer("BDAT", line, usualWithRecipients("250 2.0.0 Ok"), () -> {});
        } else {
            take("BDAT", chunks.toByteArray());
        }
    }

    private String usualWithRecipients(String reply) {
        return mailFrom == null
                ? "503 5.5.1 need MAIL"
                : rcptTo.isEmpty() ? "554 5.5.1 no valid recipients" : reply;
    }

    private void watch(long octets) throws IOException, InterruptedException {
        ServerScript.DataLimit limit = script.dataLimit;
        if (limit != null && octets == limit.octets()) {
            if (limit.hangUp()) {
                throw new HungUp("hangs up after " + octets + " octets of a message");
            }
            recorder.note(number, "stops reading after " + octets + " octets of a message");
            new CountDownLatch(1).await();
        }
    }

    private void take(String verb, byte[] octets) throws IOException, InterruptedException {
        ReceivedMessage message = new ReceivedMessage(
                number, helo, tls, user, String.valueOf(mailFrom), rcptTo, octets);
        int queueId = recorder.offered(message);
        answer(verb, message.text(), "250 2.0.0 Ok: queued as " + queueId, () -> recorder.accepted(message));
        forget();
    }

    private int answer(String verb, String line, String usual, Runnable accept)
            throws IOException, InterruptedException {
        Turn turn = turn(usual, accept);
        var rule = script.ruleFor(verb, line);
        if (rule.isPresent()) {
            rule.get().play(turn);
        } else {
            turn.sayUsual();
        }
        return turn.code();
    }

    private Turn turn(String usual, Runnable accept) {
        return new Turn(wire, recorder, number, usual, accept);
    }

    private void forget() {
        mailFrom = null;
        rcptTo.clear();
        chunks.reset();
    }

    /** What follows the verb: after the colon of MAIL and RCPT, after the blank of EHLO. */
    private static String argument(String line, String separator) {
        int at = line.indexOf(separator);
        return at < 0 ? "" : line.substring(at + 1).trim();
    }
}
