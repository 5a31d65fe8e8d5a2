package io.smtpdup.page;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.cutover.Bake.Advised;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.cutover.Turn;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;
import org.jspecify.annotations.Nullable;

/**
 * What is on the page of the switch.
 *
 * @param since since when it is the primary, and how it became it
 * @param said why, in the words of who has switched; empty for nothing
 * @param watch null when the latest switch, if any, is long ago
 * @param planned null when nobody has to write or restart anything
 * @param backTo who would be the primary after the way back; null when there is none
 */
record SwitchPage(String primary, String since, String said, @Nullable Watch watch, @Nullable Planned planned, @Nullable String backTo,
        List<Candidate> backups, List<Past> earlier) {

    private static final int SHOWN = 10;

    /** Whether to go back, for as long as somebody should watch. */
    record Watch(State state, String until, List<String> reasons) {
    }

    /**
     * A switch that has begun.
     *
     * @param reloads whether the relay can read what somebody has written
     */
    record Planned(String primary, boolean reloads) {
    }

    /**
     * A backup that may become the primary.
     *
     * @param verdict of the agreement report; null when there is none
     * @param looked null when nobody has asked
     */
    record Candidate(String address, @Nullable State verdict, @Nullable Looked looked) {
    }

    /** @param problem why nothing could be looked at; empty when it could */
    record Looked(String problem, boolean passed, List<Line> lines) {
    }

    /** @param advice empty when it is in order */
    record Line(State state, String text, String advice) {
    }

    /** Who was the primary before. */
    record Past(String primary, String since, String said) {
    }

    /** @param asked {@code backup} for the one that shall be looked at, which asks both servers and takes seconds */
    static SwitchPage of(Sources sources, Parameters asked) {
        CutoverTools tools = sources.cutover();
        CutoverTools.Status status = tools.status();
        String looked = asked.one("backup");
        Map<String, State> verdicts = verdicts(sources);
        List<Candidate> backups = new ArrayList<>();
        for (Destination backup : sources.settings().backups()) {
            boolean meant = looked != null && (looked.equals(backup.address()) || looked.equals(backup.name()));
            backups.add(new Candidate(backup.address(), verdicts.get(backup.name()), meant ? look(tools, backup.address()) : null));
        }
        if (looked != null && backups.stream().allMatch(backup -> backup.looked == null)) {
            throw RequestException.notFound("There is no backup " + Words.plain(looked) + ".");
        }
        Turn turn = status.turn();
        Turn planned = status.planned();
        List<Turn> earlier = new ArrayList<>(status.earlier().subList(Math.max(0, status.earlier().size() - SHOWN), status.earlier().size()));
        Collections.reverse(earlier);
        return new SwitchPage(status.primary(), turn == null ? "" : "Since " + Words.onTheWall(turn.begun()) + " ("
                + Words.agoOnTheWall(turn.begun()) + ")" + how(turn) + ".", turn == null ? "" : Words.plain(turn.reason()), watch(status),
                planned == null ? null : new Planned(planned.primary(), sources.reload().isPossible()), tools.rollbackTo(), backups,
                earlier.stream().map(one -> new Past(one.primary(), Words.onTheWall(one.begun()) + how(one), Words.plain(one.reason()))).toList());
    }

    private static Map<String, State> verdicts(Sources sources) {
        try {
            return sources.agreement().map(tools -> tools.recent().orElseGet(tools::report)).map(Report::backups).orElse(List.of()).stream()
                    .collect(Collectors.toMap(Report.Backup::backup, report -> State.ofVerdict(report.verdict()), (one, other) -> one));
        } catch (RuntimeException e) {
            return Map.of(); // the page is for the night in which something burns
        }
    }

    private static Looked look(CutoverTools tools, String backup) {
        try {
            CutoverTools.Check check = tools.check(backup);
            return new Looked("", check.passed(), check.lines().stream().map(line -> new Line(state(line.state()), Words.sentence(Words.plain(line.text())),
                    Words.plain(line.advice()))).toList());
        } catch (RequestException e) {
            return new Looked(Words.plain(e.getMessage()), false, List.of());
        }
    }

    private static State state(Preflight.State state) {
        return switch (state) {
            case OK -> State.ok("ok");
            case LOOK -> State.warn("look");
            case NOT_OK -> State.bad("not ok");
        };
    }

    private static @Nullable Watch watch(CutoverTools.Status status) {
        if (!status.baking() || status.advice() == null || status.turn() == null) {
            return null;
        }
        Advised advised = status.advice().advised();
        State state = advised == Advised.ROLLBACK ? State.bad("go back") : advised == Advised.LOOK ? State.warn("look") : State.ok("fine");
        return new Watch(state, Words.onTheWall(Instant.parse(status.bakeUntil())),
                status.advice().reasons().stream().map(Words::plain).map(Words::sentence).toList());
    }

    private static String how(Turn turn) {
        return switch (turn.how()) {
            case CUTOVER -> ", by a switch";
            case ROLLBACK -> ", by the way back";
            case SETTINGS -> ", because the settings were changed";
            case FIRST -> ", the first that the relay has known";
        } + (turn.before() == null ? "" : " from " + turn.before()) + (turn.verdict() == null ? "" : "; the verdict was " + turn.verdict());
    }
}
