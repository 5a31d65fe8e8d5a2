package io.smtpdup.page;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Settings;
import io.smtpdup.cutover.Bake;
import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.page.Traffic.Past;
import io.smtpdup.page.Traffic.What;
import io.smtpdup.tools.BackupView;
import io.smtpdup.tools.Steering;

/**
 * What is on the first page: whether mail flows, and what does not.
 *
 * @param trouble what an operator should look at, the worst first; empty when mail flows
 * @param brokerTrouble why nothing is known of the queues; null when it is
 * @param verdicts of the agreement; empty when there is none, which {@code compared} then explains
 */
record Overview(State state, String headline, List<Trouble> trouble, Primary primary, List<Queue> queues, String brokerTrouble,
        List<Plot> hour, List<Plot> day, String counting, List<Verdict> verdicts, String compared, Room room) {

    private static final Clock CLOCK = SteadyClock.system();

    private static final double PERCENT = 100;

    /**
     * @param where the server or the thing
     * @param said what a server said; empty for nothing
     * @param link where to look; null for nowhere
     */
    record Trouble(State state, String where, String text, String said, String link) {
    }

    /** The server in production. */
    record Primary(String address, State state, String why, String rate, String accepted, String refused) {
    }

    /** Of one backup. */
    record Verdict(String backup, State state, List<Report.Reason> reasons) {
    }

    /** The disk. */
    record Room(State state, String free, String total, double usedPercent, int overflow) {
    }

    static Overview of(Sources sources) {
        Settings settings = sources.settings();
        List<Trouble> trouble = new ArrayList<>();
        Primary primary = primary(sources, settings, trouble);
        Room room = room(sources, trouble);
        List<Queue> queues = new ArrayList<>();
        String brokerTrouble = null;
        try {
            Steering.Overview overview = sources.steering().overview();
            for (BackupView view : overview.backups()) {
                queues.add(Queue.of(view, past(sources, view.address(), What.DELIVERED).lastMinutes(5)));
            }
            queues.forEach(queue -> look(queue, trouble));
        } catch (RuntimeException e) {
            brokerTrouble = Words.plain(e.getMessage());
            trouble.add(0, new Trouble(State.bad("unknown"), "Queues", "Nothing is known of them.", brokerTrouble, null));
        }
        settings(sources, trouble);
        trouble.sort((a, b) -> Boolean.compare(b.state.kind().equals("bad"), a.state.kind().equals("bad")));
        boolean bad = trouble.stream().anyMatch(one -> one.state.kind().equals("bad"));
        State state = bad ? State.bad("trouble") : trouble.isEmpty() ? State.ok("fine") : State.warn("look");
        String headline = primary.state.kind().equals("bad") ? "Mail does not flow"
                : bad ? "Something is wrong" : trouble.isEmpty() ? "Mail flows" : "Mail flows, and something waits for you";
        Optional<Report> report = report(sources);
        return new Overview(state, headline, trouble, primary, queues, brokerTrouble,
                plots(sources, settings, true), plots(sources, settings, false), counting(sources.memory().traffic()),
                report.map(Overview::verdicts).orElse(List.of()), compared(sources, report), room);
    }

    /** As of a minute ago, where there is one; nobody waits for a report to see whether mail flows, but for the first. */
    private static Optional<Report> report(Sources sources) {
        try {
            return sources.agreement().map(tools -> tools.recent().orElseGet(tools::report));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private static List<Verdict> verdicts(Report report) {
        return report.backups().stream().map(one -> new Verdict(one.backup(), State.ofVerdict(one.verdict()), one.reasons())).toList();
    }

    private static String compared(Sources sources, Optional<Report> report) {
        return sources.agreement().isEmpty() ? "Nothing is compared: there is no backup, or agreement.enabled is false."
                : report.isEmpty() ? "There is no report at the moment." : "There is nothing to compare yet.";
    }

    private static Primary primary(Sources sources, Settings settings, List<Trouble> trouble) {
        String address = settings.primary().address();
        DestinationWatch.Snapshot seen = sources.destinations().all().stream().filter(watch -> watch.address().equals(address))
                .map(DestinationWatch::snapshot).findFirst().orElse(null);
        boolean away = seen != null && seen.away();
        String why = !away ? "It answers; clients hear its replies."
                : "It has not answered for " + Words.since(seen.since()) + ". Clients hear 451 and keep their mail. The last error: "
                        + Words.plain(seen.lastError());
        if (away) {
            trouble.add(new Trouble(State.bad("away"), "The primary " + address, "It has not answered for "
                    + Words.since(seen.since()) + ". Clients hear 451 and keep their mail.", Words.plain(seen.lastError()), null));
        }
        Past taken = past(sources, address, What.DELIVERED);
        long refused = past(sources, address, What.FAILED).lastHour();
        long deferred = past(sources, address, What.DEFERRED).lastHour();
        return new Primary(address, away ? State.bad("away") : State.ok("active"), why, Words.rate(taken.lastMinutes(5)),
                Words.number(taken.lastHour()), Words.number(refused) + " refused, " + Words.number(deferred) + " put off");
    }

    private static void look(Queue queue, List<Trouble> trouble) {
        String link = "/page/queue?backup=" + Words.url(queue.name());
        BackupView view = queue.view();
        if (view.state().equals("away") || view.state().equals("unread") || view.state().equals("paused")) {
            trouble.add(new Trouble(queue.state(), queue.label(), queue.why(), view.state().equals("away") ? queue.error() : "", link));
        }
        if (view.dead() > 0) {
            trouble.add(new Trouble(State.warn("dead"), queue.label(), "It will not get " + Words.copies(view.dead())
                    + ", which it refused for good or which got too old.", "", "/page/dead?backup=" + Words.url(queue.name())));
        }
        if (view.damaged() > 0) {
            trouble.add(new Trouble(State.bad("damaged"), queue.label(), Words.count(view.damaged(), "copy is", "copies are")
                    + " damaged and set aside.", "", "/page/dead?backup=" + Words.url(queue.name())));
        }
    }

    /** What was changed, and is not as somebody meant it. */
    private static void settings(Sources sources, List<Trouble> trouble) {
        if (sources.cutover().recentAdvice() == Bake.Advised.ROLLBACK) {
            trouble.add(new Trouble(State.bad("go back"), "The switch", "There are reasons to go back to the primary of before.", "", "/page/cutover"));
        }
        sources.reload().latest().filter(last -> !last.problems().isEmpty()).ifPresent(last -> trouble.add(new Trouble(State.warn("refused"),
                "Settings", "The latest reload was refused: what the files say is not in force.", Words.plain(last.problems().get(0)),
                "/page/settings")));
    }

    private static Room room(Sources sources, List<Trouble> trouble) {
        long free = sources.spool().freeBytes();
        long total = sources.spool().diskBytes();
        int overflow = sources.spool().overflow();
        String problem = sources.spool().problem().map(Words::plain).orElse(null);
        boolean narrow = problem == null && !sources.spool().admits(0);
        if (problem != null) {
            trouble.add(new Trouble(State.bad("unusable"), "Spool", "Copies cannot be put into their queues.", problem, null));
        } else if (narrow) {
            trouble.add(new Trouble(State.warn("nearly full"), "Spool", "Only " + Words.size(free) + " are free on its disk.", "", null));
        }
        if (overflow > 0) {
            trouble.add(new Trouble(State.warn("overflow"), "Spool", Words.copies(overflow) + " on this relay's disk, not yet taken by their"
                    + " queues. They go in by themselves when the broker takes them.", "", null));
        }
        State state = problem != null ? State.bad("unusable") : narrow ? State.warn("nearly full") : State.ok("usable");
        return new Room(state, Words.size(free), Words.size(total), total <= 0 ? 0 : PERCENT * (total - free) / total, overflow);
    }

    private static String counting(Traffic traffic) {
        Instant since = traffic.since();
        return since == null ? "Nothing is counted." : "Counted since " + Words.at(since) + ", when the relay was started.";
    }

    private static Past past(Sources sources, String address, What what) {
        return sources.memory().traffic().of(String.valueOf(address), what, CLOCK.instant());
    }

    private static List<Plot> plots(Sources sources, Settings settings, boolean hour) {
        Past none = new Past(new long[Traffic.MINUTES], new long[Traffic.TENS]);
        Past accepted = past(sources, settings.primary().address(), What.DELIVERED);
        Past delivered = none;
        Past deferred = none;
        Past dead = none;
        for (DestinationWatch watch : sources.destinations().all()) {
            if (!watch.role().equals("primary")) {
                delivered = delivered.and(past(sources, watch.address(), What.DELIVERED));
                deferred = deferred.and(past(sources, watch.address(), What.DEFERRED));
            }
            dead = dead.and(past(sources, watch.address(), What.DEAD));
        }
        return List.of(plot("accepted", "Accepted", accepted, hour), plot("delivered", "Copies delivered", delivered, hour),
                plot("deferred", "Tries put off", deferred, hour), plot("dead", "Copies given up", dead, hour));
    }

    private static Plot plot(String kind, String what, Past past, boolean hour) {
        return Plot.of(kind, what, hour ? "a minute" : "in ten minutes", hour ? past.hour() : past.day());
    }
}
