package io.smtpdup.command;

import java.io.Console;
import java.io.PrintWriter;

/** A line on the terminal that says how far something is; nothing where nobody looks. */
final class Progress {

    private static final int WIDTH = 30;

    private final PrintWriter terminal;

    private final boolean seen;

    private int longest;

    /** @param seen whether somebody looks */
    Progress(PrintWriter terminal, boolean seen) {
        this.terminal = terminal;
        this.seen = seen;
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

    /** Shows so many of all, and some words behind. */
    void show(int done, int all, String words) {
        if (!seen) {
            return;
        }
        int full = all == 0 ? WIDTH : (int) ((long) WIDTH * done / all);
        String line = "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " + words;
        print(line);
        longest = line.length();
    }

    /** Takes the line away. */
    void end() {
        if (seen && longest > 0) {
            print("");
            terminal.print('\r');
            terminal.flush();
        }
    }

    private void print(String line) {
        terminal.print("\r" + line + " ".repeat(Math.max(0, longest - line.length())));
        terminal.flush();
    }
}
