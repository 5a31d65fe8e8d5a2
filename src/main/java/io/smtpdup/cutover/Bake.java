package io.smtpdup.cutover;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Relation;
import io.smtpdup.agreement.Report;
import org.jspecify.annotations.Nullable;

/** The time after a switch in which somebody should watch, and whether to go back. */
public final class Bake {

    /** So many recipients that the new primary alone refuses are no accident. */
    private static final long NO_ACCIDENT = 3;

    private static final Duration REFUSING = Duration.ofMinutes(5);

    private static final Duration AWAY = Duration.ofMinutes(1);

    private Bake() {
    }

    /** What to do. */
    public enum Advised {

        /** Nothing. */
        @JsonProperty("nothing")
        NOTHING,

        /** Somebody should look at the reasons. */
        @JsonProperty("look")
        LOOK,

        /** The way back. */
        @JsonProperty("rollback")
        ROLLBACK
    }

    /** What to do, and why, a sentence each. */
    public record Advice(Advised advised, List<String> reasons) {
    }

    /**
     * What is known after the switch.
     *
     * @param primary host:port of the new primary
     * @param awaySince since when it does not answer; null when it does
     * @param takesNoneSince since when it has taken no mail although several came; null when it has
     * @param old what the report says of the old server, which is a backup now; null when it says nothing
     * @param asked whether recipients that the new primary refuses are asked about at the old server
     */
    public record Seen(String primary, @Nullable Instant awaySince, @Nullable Instant takesNoneSince, Report.@Nullable Backup old, boolean asked) {
    }

    /** What to do about what was seen. */
    public static Advice of(Seen seen, Instant now) {
        List<String> against = new ArrayList<>();
        List<String> look = new ArrayList<>();
        if (seen.awaySince != null) {
            (seen.awaySince.plus(AWAY).isAfter(now) ? look : against).add(seen.primary + " does not answer since " + seen.awaySince + ": no mail is accepted");
        }
        if (seen.takesNoneSince != null) {
            (seen.takesNoneSince.plus(REFUSING).isAfter(now) ? look : against).add(seen.primary + " has taken no mail since "
                    + seen.takesNoneSince + ", although several came");
        }
        Report.Backup old = seen.old;
        if (old == null || old.compared() == 0) {
            look.add("nothing was compared with the old server since the switch");
        } else {
            for (Report.Difference difference : old.differences()) {
                tell(difference, against, look);
            }
        }
        if (!seen.asked) {
            look.add("the old server is not asked about recipients that the new one refuses, so that nobody knows whether it would take them"
                    + " (relay.backup_check_refused)");
        }
        return !against.isEmpty() ? new Advice(Advised.ROLLBACK, and(against, look))
                : new Advice(look.isEmpty() ? Advised.NOTHING : Advised.LOOK, look);
    }

    private static void tell(Report.Difference difference, List<String> against, List<String> look) {
        String what = difference.count() + (difference.count() == 1 ? " recipient" : " recipients") + " (" + difference.category() + "): "
                + difference.primary();
        if (difference.relation().equals(Relation.LEAKED.text())) {
            boolean again = Category.of(difference.category()).map(Category::isDeterministic).orElse(false);
            (again && difference.count() >= NO_ACCIDENT ? against : look).add("the new primary refuses what the old one would take, " + what);
        } else if (difference.relation().equals(Relation.REFUSED.text()) || difference.relation().equals(Relation.EXPIRED.text())) {
            look.add("the old server does not have what the new one took, which would be missing after a rollback, " + difference.count()
                    + (difference.count() == 1 ? " recipient" : " recipients") + " (" + difference.category() + "): " + difference.backup());
        }
    }

    private static List<String> and(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
