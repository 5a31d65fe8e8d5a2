package io.smtpdup.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;

import org.junit.jupiter.api.Test;

/** How far something is, on terminals of all widths, and on none. */
class ProgressTest {

    private final StringWriter terminal = new StringWriter();

    private long now;

    @Test
    void showsHowFarHowFastAndHowLongYet() {
        Progress progress = progress(80);

        progress.show(0, 200, "");
        pass(Duration.ofSeconds(10));
        progress.show(50, 200, ", 3 refused");

        assertThat(lastLine()).isEqualTo("[#######.......................] 50 of 200, 5.0/s, 30 s left, 3 refused");
    }

    @Test
    void leavesTheBarOutOnANarrowTerminalAndNeverBreaksTheLine() {
        Progress progress = progress(20);

        progress.show(0, 200, "");
        pass(Duration.ofSeconds(10));
        progress.show(50, 200, ", 3 refused");

        assertThat(lastLine()).isEqualTo("50 of 200, 5.0/s, 3");
        assertThat(terminal.toString().split("\r")).allMatch(line -> line.length() < 20);
    }

    @Test
    void showsTheTimeWhereTheNumberIsNotKnown() {
        Progress progress = progress(80);

        progress.show(0, 0, " deleted");
        pass(Duration.ofSeconds(7));
        progress.show(0, 0, " deleted");

        assertThat(lastLine()).isEqualTo("7 s deleted");
    }

    @Test
    void saysNothingWhereNobodyLooks() {
        Progress progress = progress(0);

        progress.show(1, 2, "");
        progress.clear();

        assertThat(terminal.toString()).isEmpty();
        assertThat(progress.isSeen()).isFalse();
    }

    @Test
    void takesTheLineAway() {
        Progress progress = progress(80);
        progress.show(1, 2, " words");

        progress.clear();

        assertThat(terminal.toString()).endsWith("\r" + " ".repeat("[###############...............] 1 of 2 words".length()) + "\r");
    }

    @Test
    void floodsNoTerminal() {
        Progress progress = progress(80);

        for (int i = 0; i < 100_000; i++) {
            pass(Duration.ofNanos(10_000));
            progress.show(i, 100_000, "");
        }

        assertThat(terminal.toString().split("\r")).hasSizeLessThan(20);
    }

    private Progress progress(int width) {
        return new Progress(new PrintWriter(terminal), width, () -> now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private String lastLine() {
        String[] lines = terminal.toString().split("\r");
        return lines[lines.length - 1].stripTrailing();
    }
}
