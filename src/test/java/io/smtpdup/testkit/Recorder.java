package io.smtpdup.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What a {@link ScriptedSmtpServer} has seen so far, and the place where a test waits to see more. */
final class Recorder {

    private record Line(int connection, char who, String text) {

        @Override
        public String toString() {
            return connection + " " + who + ": " + text;
        }
    }

    private final Duration patience;

    private final List<Line> lines = new ArrayList<>();

    private final List<ReceivedMessage> offered = new ArrayList<>();

    private final List<ReceivedMessage> accepted = new ArrayList<>();

    private final Map<Integer, List<List<String>>> flights = new HashMap<>();

    private int connections;

    private int open;

    /** @param patience how long a test waits for what does not come */
    Recorder(Duration patience) {
        this.patience = patience;
    }

    synchronized int opened() {
        open++;
        notifyAll();
        return ++connections;
    }

    synchronized void closed(int connection) {
        open--;
        line(connection, '*', "closed");
    }

    /** @param together whether it had arrived before the command in front of it was answered */
    synchronized void command(int connection, String text, boolean together) {
        List<List<String>> before = flights.computeIfAbsent(connection, number -> new ArrayList<>());
        if (!together || before.isEmpty()) {
            before.add(new ArrayList<>());
        }
        before.get(before.size() - 1).add(text);
        client(connection, text);
    }

    synchronized List<List<String>> flights(int connection) {
        return flights.getOrDefault(connection, List.of()).stream().map(List::copyOf).toList();
    }

    void client(int connection, String text) {
        line(connection, 'C', text);
    }

    void server(int connection, String text) {
        line(connection, 'S', text);
    }

    void note(int connection, String text) {
        line(connection, '*', text);
    }

    /** Returns the number of messages offered so far, this one included. */
    synchronized int offered(ReceivedMessage message) {
        offered.add(message);
        notifyAll();
        return offered.size();
    }

    synchronized void accepted(ReceivedMessage message) {
        accepted.add(message);
        notifyAll();
    }

    synchronized int connections() {
        return connections;
    }

    synchronized int open() {
        return open;
    }

    synchronized List<ReceivedMessage> offered() {
        return List.copyOf(offered);
    }

    synchronized List<ReceivedMessage> accepted() {
        return List.copyOf(accepted);
    }

    /** What the client said, on one connection or on all of them (0). */
    synchronized List<String> commands(int connection) {
        return lines.stream()
                .filter(line -> line.who == 'C' && (connection == 0 || line.connection == connection))
                .map(Line::text)
                .toList();
    }

    synchronized String transcript() {
        return String.join("\n", lines.stream().map(Line::toString).toList());
    }

    /** Waits until the condition holds, looking again at each event. */
    synchronized void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("waited " + patience.toMillis() + " ms for " + what + "; have "
                        + accepted.size() + " messages, " + connections + " connections, " + open
                        + " of them open; the dialogue:\n" + transcript());
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }

    private synchronized void line(int connection, char who, String text) {
        lines.add(new Line(connection, who, text));
        notifyAll();
    }
}
