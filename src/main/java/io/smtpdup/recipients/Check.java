package io.smtpdup.recipients;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.smtpdup.agreement.ReplyMeanings;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.RecipientAnswers.Answer;
import io.smtpdup.message.RecipientAnswers.SaidTo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one backup about the addresses of one list. What it puts off, or does not answer, is asked again after a pause, a little longer
 * each time, and given up when several pauses in a row have helped nobody. One thread runs it, any may {@link #cancel} it or look.
 */
final class Check implements Runnable {

    /** So many pauses in a row that lead to nothing are enough. With a minute for the first they outlast most greylists. */
    private static final int PAUSES = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Check.class);

    /** How far it is. */
    enum State {
        RUNNING,
        /** It pauses. */
        WAITING,
        /** Everything was asked that can be asked. */
        DONE,
        /** The backup wants no more questions, or cannot be asked. */
        STOPPED,
        /** Somebody has ended it. */
        CANCELLED;

        boolean isOver() {
            return this != RUNNING && this != WAITING;
        }
    }

    /** How questions are asked, and who hears of it. */
    record Ways(Callouts callouts, Pace pace, CatchAlls domains, ReplyMeanings meanings, Duration firstPause, Listener listener,
            Clock clock) {
    }

    /** Hears what the backup says, in the check's own thread, and when it is over, in any. */
    interface Listener {

        void answered(String address, Results.Fate fate);

        /** About an address that nobody has. */
        void probed(String domain, boolean takesAny);

        void paused();

        void ended(Check check);
    }

    private final String backup;

    private final String sender;

    private final int total;

    private final Results results;

    private final Ways ways;

    /** Domains of which it was said clearly. */
    private final Set<String> probed = new HashSet<>();

    private final Unproven unproven = new Unproven();

    private final CountDownLatch ending = new CountDownLatch(1);

    private final Instant startedAt;

    private State state = State.RUNNING;

    private @Nullable String reason;

    private @Nullable Instant nextTry;

    private String server = "";

    private boolean everAnswered;

    /** @param sender the reverse-path; empty for that of bounces */
    Check(String backup, String sender, List<String> addresses, Ways ways) {
        this.backup = backup;
        this.sender = sender;
        this.total = addresses.size();
        this.results = new Results(addresses);
        this.ways = ways;
        this.startedAt = ways.clock.instant();
    }

    /** Everything at one moment. */
    record Snapshot(State state, int total, Instant startedAt, @Nullable Instant nextTry, @Nullable String reason, String server) {
    }

    synchronized Snapshot snapshot() {
        return new Snapshot(state, total, startedAt, nextTry, reason, server);
    }

    Results results() {
        return results;
    }

    synchronized boolean isOver() {
        return state.isOver();
    }

    /** Ends it at once; a question that is on its way is answered to nobody. */
    void cancel() {
        end(State.CANCELLED, null);
    }

    @Override
    public void run() {
        try {
            inPasses();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
        } catch (Exception e) {
            LOG.warn("the backup {} could not be asked about recipients: {}", backup, e.toString());
            LOG.debug("stack trace", e);
            end(State.STOPPED, "something failed; see the relay's log");
        }
    }

    private void inPasses() throws Exception {
        int pauses = 0;
        while (!isOver()) {
            int before = worthAnotherTry().size();
            String cutShort = pass();
            int left = worthAnotherTry().size();
            if (left == 0 && !unproven.isWorthATry()) {
                end(State.DONE, null);
            } else if (!everAnswered && cutShort != null) {
                end(State.STOPPED, cutShort);
            } else {
                pauses = left < before ? 0 : pauses;
                if (pauses == PAUSES) {
                    end(cutShort == null ? State.DONE : State.STOPPED, cutShort);
                } else {
                    pause(ways.firstPause.multipliedBy(1L << pauses), cutShort);
                    pauses++;
                }
            }
        }
    }

    /** Asks about all that are open; returns why it was cut short, null when it was not. */
    private @Nullable String pass() throws Exception {
        int together = ways.pace.together();
        List<String> domains = unproven.nextPass();
        for (int from = 0; from < domains.size(); from += together) {
            String cutShort = probe(domains.subList(from, Math.min(domains.size(), from + together)));
            if (cutShort != null) {
                return cutShort;
            }
        }
        List<String> open = worthAnotherTry();
        for (int from = 0; from < open.size() && !isOver(); from += together) {
            List<String> some = open.subList(from, Math.min(open.size(), from + together));
            String cutShort = probe(some.stream().map(CatchAlls::domainOf).toList());
            List<String> worth = cutShort == null ? worthAsking(some) : List.of();
            if (cutShort == null && !worth.isEmpty()) {
                cutShort = ask(worth);
            }
            if (cutShort != null) {
                return cutShort;
            }
        }
        return null;
    }

    /** Open, and not taken already for what that is worth. */
    private List<String> worthAnotherTry() {
        List<String> open = results.open();
        open.removeAll(unproven.taken());
        return open;
    }

    /**
     * One address that nobody has for each domain of which nothing clear was said, once in a pass and not for ever; where it was taken
     * before, somebody may have changed that.
     */
    private @Nullable String probe(Collection<String> domains) throws Exception {
        Set<String> unknown = new LinkedHashSet<>(domains);
        unknown.removeIf(domain -> probed.contains(domain) || Boolean.FALSE.equals(ways.domains.takesAny(domain)));
        Map<String, String> nobodies = unproven.nobodies(unknown);
        if (nobodies.isEmpty()) {
            return null;
        }
        RecipientAnswers answers = questions(List.copyOf(nobodies.keySet()));
        for (Answer answer : answers.answers()) {
            heard(Objects.requireNonNull(nobodies.get(answer.recipient())), answer, answers.server());
        }
        stopWhenUnwanted(answers);
        return answers.cutShort();
    }

    /** A refusal for another reason than the address, as a block list has, does not say that an address that exists is told from it. */
    private void heard(String domain, Answer answer, String server) {
        boolean clear = answer.isTaken() || answer.isRefused() && ways.meanings.isAboutRecipient(
                io.smtpdup.agreement.Answer.of(Stage.RCPT, Objects.requireNonNull(answer.reply()), server));
        if (!clear) {
            if (answer.saidTo() != SaidTo.NOT_ASKED && unproven.unclear(domain, answer.isRefused())) {
                LOG.info("the backup {} says nothing clear about an address of {} that nobody has: {}", backup, domain, answer.reply());
            }
            return;
        }
        probed.add(domain);
        ways.domains.learn(domain, answer.isTaken());
        ways.listener.probed(domain, answer.isTaken());
        if (answer.isTaken()) {
            results.takesAny(domain);
        }
        for (String address : unproven.proven(domain)) {
            if (answer.isTaken()) {
                results.meansNothing(address);
            } else {
                results.taken(address);
                ways.listener.answered(address, Results.Fate.TAKEN);
            }
        }
    }

    private List<String> worthAsking(List<String> addresses) {
        Set<String> takesAny = Set.copyOf(results.catchAll());
        List<String> worth = new ArrayList<>();
        for (String address : addresses) {
            if (takesAny.contains(CatchAlls.domainOf(address))) {
                results.meansNothing(address);
            } else {
                worth.add(address);
            }
        }
        return worth;
    }

    private @Nullable String ask(List<String> addresses) throws Exception {
        RecipientAnswers answers = questions(addresses);
        for (Answer answer : answers.answers()) {
            String address = answer.recipient();
            if (answer.isTaken() && unproven.taken(address)) {
                results.unclear(address, answer.saidTo(), answer.reply());
                ways.listener.answered(address, Results.Fate.UNCLEAR);
            } else if (answer.isTaken()) {
                results.taken(address);
                ways.listener.answered(address, Results.Fate.TAKEN);
            } else if (answer.isRefused()) {
                results.refused(address, Objects.requireNonNull(answer.reply()));
                ways.listener.answered(address, Results.Fate.REFUSED);
            } else if (answer.saidTo() != SaidTo.NOT_ASKED) {
                results.unclear(address, answer.saidTo(), answer.reply());
                ways.listener.answered(address, Results.Fate.UNCLEAR);
            }
        }
        stopWhenUnwanted(answers);
        return answers.cutShort();
    }

    private RecipientAnswers questions(List<String> addresses) throws Exception {
        long pause = ways.pace.next(addresses.size());
        if (pause > 0 && ending.await(pause, TimeUnit.NANOSECONDS)) {
            return new RecipientAnswers("", List.of(), "it was ended");
        }
        RecipientAnswers answers = ways.callouts.ask(backup, new Envelope(sender, null, false, addresses));
        everAnswered |= answers.answers().stream().anyMatch(answer -> answer.reply() != null);
        synchronized (this) {
            server = answers.server();
        }
        return answers;
    }

    /** A server that refuses the sender, or us, for good will not think better of it in a minute. */
    private void stopWhenUnwanted(RecipientAnswers answers) {
        if (answers.answers().stream().anyMatch(one -> one.saidTo() == SaidTo.MAIL && one.reply() != null
                && one.reply().isPermanentNegative())) {
            end(State.STOPPED, answers.cutShort());
        }
    }

    private void pause(Duration time, @Nullable String why) throws InterruptedException {
        synchronized (this) {
            if (state.isOver()) {
                return;
            }
            state = State.WAITING;
            reason = why == null ? "the backup has put off some answers" : why;
            nextTry = ways.clock.instant().plus(time);
        }
        ways.listener.paused();
        ending.await(time.toNanos(), TimeUnit.NANOSECONDS);
        synchronized (this) {
            if (!state.isOver()) {
                state = State.RUNNING;
                reason = null;
                nextTry = null;
            }
        }
    }

    private void end(State last, @Nullable String why) {
        synchronized (this) {
            if (state.isOver()) {
                return;
            }
            state = last;
            reason = why;
            nextTry = null;
        }
        ending.countDown();
        ways.listener.ended(this);
    }
}
