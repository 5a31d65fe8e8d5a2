package io.smtpdup.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.smtpdup.config.Settings;
import picocli.CommandLine.ExitCode;

/**
 * Mails for a Java that keeps what it learns for the next start, which {@code bin/smtp-duplicator --archive} asks for: the relay
 * between the demo's servers, and some thousand mails of all sizes, over connections that carry one and over such that carry
 * many. Nothing leaves this process: the operator's settings, routes and spool have no part in it.
 */
final class Training {

    private static final int CLIENTS = 8;

    /** Enough for the methods on a mail's way to be compiled for good. */
    private static final int MAILS = Integer.getInteger("smtpdup.training.mails", 5000);

    /** Octets of a mail, in turns: most are small. */
    private static final int[] SIZES = {1_500, 10_000, 3_000, 10_000, 10_000, 40_000, 2_000, 10_000, 5_000, 60_000};

    private static final int CLIENT_TIMEOUT_MILLIS = 60_000;

    private static final Duration ALL_ARRIVED = Duration.ofMinutes(5);

    /** As they are shipped, in the jar. */
    static final List<String> ROUTES = List.of("10-relay.camel.yaml", "20-copies.camel.yaml", "30-backup.camel.yaml",
            "40-undelivered.camel.yaml", "50-questions.camel.yaml");

    private Training() {
    }

    /** Runs to its end, and returns the status to end with. */
    static int run() throws Exception {
        Path directory = Files.createTempDirectory("smtp-duplicator-training");
        try (DemoServers servers = new DemoServers()) {
            int management = freePort();
            for (String route : ROUTES) {
                try (InputStream shipped = Training.class.getResourceAsStream("/io/smtpdup/routes/" + route)) {
                    Files.copy(shipped, Files.createDirectories(directory.resolve("routes")).resolve(route));
                }
            }
            Settings settings = Settings.load(directory, Map.of(), Map.of(
                    "relay.destination_primary", servers.address("primary"),
                    "relay.destination_backups", servers.address("backup-1") + "," + servers.address("backup-2"),
                    "smtp.listen", "127.0.0.1:0",
                    "management.port", String.valueOf(management),
                    "spool.directory", directory.resolve("spool").toString()));
            LogSetup.apply(settings);
            LogSetup.neverWait();
            try (Relay relay = new Relay(directory, settings, true)) {
                relay.start();
                send(relay.port());
                servers.await(MAILS, ALL_ARRIVED);
                read(management, "/observe/health");
                read(management, "/observe/metrics");
            }
        } finally {
            Demo.remove(directory);
        }
        return ExitCode.OK;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void send(int port) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> sessions = new ArrayList<>();
            for (int first = 0; first < MAILS;) {
                int number = Math.min(MAILS - first, first % 3 == 0 ? 10 : 1);
                int begin = first;
                sessions.add(clients.submit(() -> {
                    session(port, begin, number);
                    return null;
                }));
                first += number;
            }
            for (Future<?> session : sessions) {
                session.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    /** One connection; every second pipelines, as Postfix does. */
    private static void session(int port, int first, int mails) throws IOException {
        try (Socket socket = connect(port)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            expect(in, "220");
            say(out, "EHLO training.example\r\n");
            expect(in, "250");
            for (int mail = first; mail < first + mails; mail++) {
                String from = "MAIL FROM:<a" + mail + "@client.example>\r\n";
                String to = "RCPT TO:<b" + mail + "@dest.example>\r\n";
                if (first % 2 == 0) {
                    say(out, from + to + "DATA\r\n");
                    expect(in, "250");
                    expect(in, "250");
                } else {
                    say(out, from);
                    expect(in, "250");
                    say(out, to);
                    expect(in, "250");
                    say(out, "DATA\r\n");
                }
                expect(in, "354");
                say(out, content(mail));
                expect(in, "250");
            }
            say(out, "QUIT\r\n");
            expect(in, "221");
        }
    }

    private static String content(int mail) {
        return "From: <a@client.example>\r\nTo: <b@dest.example>\r\nSubject: training " + mail + "\r\nMessage-ID: <" + mail
                + "@client.example>\r\nContent-Type: text/plain\r\n\r\n..leading dot\r\n"
                + ("x".repeat(70) + "\r\n").repeat(SIZES[mail % SIZES.length] / 72) + ".\r\n";
    }

    private static void read(int port, String path) throws IOException {
        try (Socket socket = connect(port)) {
            say(socket.getOutputStream(), "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            socket.getInputStream().readAllBytes();
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(CLIENT_TIMEOUT_MILLIS);
        return socket;
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void expect(BufferedReader in, String code) throws IOException {
        String line = in.readLine();
        while (line != null && line.startsWith("-", 3)) {
            line = in.readLine();
        }
        if (line == null || !line.startsWith(code)) {
            throw new IOException("expected " + code + " but heard " + line);
        }
    }
}
