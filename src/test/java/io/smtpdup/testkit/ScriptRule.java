package io.smtpdup.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One line of a server's script: at this verb, when this holds, so many times, do this. It takes effect with the method
 * that says what to do ({@link #reply}, {@link #hangUp} and so on); conditions come before it, and {@link #once} and
 * {@link #times} may follow. Of several rules that fit, the one added first is used until it is used up.
 */
public final class ScriptRule {

    @FunctionalInterface
    private interface Step {
        void play(Turn turn) throws IOException, InterruptedException;
    }

    private final String verb;

    private final Consumer<ScriptRule> script;

    private final List<Step> steps = new ArrayList<>();

    private Predicate<String> condition = line -> true;

    private int left = Integer.MAX_VALUE;

    ScriptRule(String verb, Consumer<ScriptRule> script) {
        this.verb = verb;
        this.script = script;
    }

    /**
     * Only when this holds of the command line; of the message's text (one character for each octet) where the verb is
     * DOT.
     */
    public ScriptRule when(Predicate<String> holds) {
        condition = condition.and(holds);
        return this;
    }

    public ScriptRule once() {
        return times(1);
    }

    public synchronized ScriptRule times(int n) {
        left = n;
        return this;
    }

    /** Waits so long before what follows. */
    public ScriptRule delay(Duration duration) {
        steps.add(turn -> turn.pause(duration));
        return this;
    }

    /** Waits, before what follows, until the test releases the latch. */
    public ScriptRule waitFor(CountDownLatch release) {
        steps.add(turn -> release.await());
        return this;
    }

    /** Replies as the well-behaved server would: for use after {@link #delay} and {@link #waitFor}. */
    public ScriptRule replyAsUsual() {
        return ending(Turn::sayUsual);
    }

    /** Replies so; the lines of a longer reply are parted by LF or CRLF, the last CRLF is added. */
    public ScriptRule reply(String text) {
        return ending(turn -> turn.say(text));
    }

    public ScriptRule replyAndHangUp(String text) {
        return ending(turn -> {
            turn.say(text);
            turn.hangUp();
        });
    }

    /** Replies octet by octet, with this pause before each. */
    public ScriptRule drip(String text, Duration pause) {
        return ending(turn -> turn.drip(text, pause));
    }

    /** Closes the connection without a reply. */
    public ScriptRule hangUp() {
        return ending(Turn::hangUp);
    }

    /** Takes the message, and closes the connection without saying so: the client cannot know. */
    public ScriptRule acceptAndHangUp() {
        return ending(turn -> {
            turn.accept();
            turn.hangUp();
        });
    }

    /** Resets the connection (RST). */
    public ScriptRule reset() {
        return ending(Turn::reset);
    }

    /** Never answers again, though it goes on listening. */
    public ScriptRule stall() {
        return ending(Turn::stall);
    }

    /** True, and one use less, when this rule is for the line. */
    synchronized boolean takes(String spokenVerb, String line) {
        if (left == 0 || !verb.equalsIgnoreCase(spokenVerb) || !condition.test(line)) {
            return false;
        }
        left--;
        return true;
    }

    void play(Turn turn) throws IOException, InterruptedException {
        for (Step step : steps) {
            step.play(turn);
        }
    }

    private ScriptRule ending(Step step) {
        steps.add(step);
        script.accept(this);
        return this;
    }
}
