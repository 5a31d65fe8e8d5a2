package io.smtpdup.command;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.smtpdup.message.HowLong;

/** A line on the terminal that says how far something is, how fast it goes and how long it will take; nothing where nobody looks. */
final class Progress {

    private static final int BAR = 30;

    /** With less, the words are worth more than the bar. */
    private static final int WIDTH_FOR_BAR = 70;

    private static final long NANOS = 1_000_000_000;

    /** No eye follows more. */
    private static final long REDRAWN = NANOS / 10;

    private final PrintWriter terminal;

    private final int width;

    private final LongSupplier nanos;

    private long begun;

    private long first = -1;

    private long drawn;

    private int longest;

    /**
     * @param width of the terminal; 0 when nobody looks
     * @param nanos the time that passes
     */
    Progress(PrintWriter terminal, int width, LongSupplier nanos) {
        this.terminal = terminal;
        this.width = width;
        this.nanos = nanos;
    }

    /** For a command: nobody looks when its output goes into a pipe or a file, or is for a program. */
    static Progress of(PortCommand command) {
        boolean seen = !command.isJson() && isTerminal() && !"dumb".equals(command.place().environment().get("TERM"));
        return new Progress(command.out(), seen ? width(command.place().environment()) : 0, System::nanoTime);
    }

    /** Whether what a command prints goes to a person's screen, and what it is asked comes from there. */
    static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console in any case, and it knows.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Whether somebody looks. */
    boolean isSeen() {
        return width > 0;
    }

    /**
     * Shows so many of all.
     *
     * @param all 0 when that is not known
     * @param words behind it; may be empty
     */
    void show(long done, long all, String words) {
        if (!isSeen()) {
            return;
        }
        long now = nanos.getAsLong();
        if (first < 0) {
            first = done;
            begun = now;
        } else if (longest > 0 && now - drawn < REDRAWN && done < all) {
            return;
        }
        drawn = now;
        String text = all == 0 ? HowLong.text(seconds(now - begun)) + words : done + " of " + all + rate(done, all, now) + words;
        if (all > 0 && width >= WIDTH_FOR_BAR) {
            int full = (int) (BAR * Math.min(done, all) / all);
            text = "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + text;
        }
        print(text.substring(0, Math.min(text.length(), width - 1)));
    }

    /** Takes the line away, so that something else can be printed; {@link #show} brings it back. */
    void clear() {
        if (longest > 0) {
            print("");
            terminal.print('\r');
            terminal.flush();
            longest = 0;
        }
    }

    private String rate(long done, long all, long now) {
        double seconds = (double) (now - begun) / NANOS;
        if (seconds < 1 || done == first) {
            return "";
        }
        double rate = (done - first) / seconds;
        String text = rate >= 10 ? Math.round(rate) + "/s" : rate >= 0.2 ? Math.round(rate * 10) / 10.0 + "/s" : Math.round(rate * 600) / 10.0 + "/min";
        return ", " + text + (done < all ? ", " + HowLong.text(Math.round((all - done) / rate)) + " left" : "");
    }

    private void print(String line) {
        terminal.print("\r" + line + " ".repeat(Math.max(0, longest - line.length())));
        terminal.flush();
        longest = line.length();
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    /** As the terminal says, or else the environment; 80 when nobody does. */
    private static int width(Map<String, String> environment) {
        String said = environment.getOrDefault("COLUMNS", "");
        try {
            Process stty = new ProcessBuilder("sh", "-c", "stty size </dev/tty 2>/dev/null").start();
            if (stty.waitFor(1, TimeUnit.SECONDS)) {
                said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip().replaceFirst("^\\d+ ", "");
            } else {
                stty.destroyForcibly();
            }
        } catch (IOException e) {
            // then it is no such terminal
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return said.matches("[1-9][0-9]{0,3}") ? Math.max(10, Integer.parseInt(said)) : 80;
    }
}
