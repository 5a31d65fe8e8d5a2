package io.smtpdup.agreement;

import java.time.Duration;

import io.smtpdup.config.Key;
import io.smtpdup.config.KeyValues;

/**
 * What must be reached for {@link Verdict#READY}. Rates are between 0 and 1.
 *
 * @param window how long the comparison must have gone on. Default 7 days: who writes on weekends, and who only on weekdays, has
 *        written
 * @param days on how many days of it something must have been compared. Default 5 of each 7 days of the window, which an organisation
 *        has that writes on working days only: one test mail a week ago and the traffic of today are no week
 * @param monday whether a Monday must be among them: what piles up over a weekend comes on that day
 * @param bound the 95 % bound of the rate of disagreement, over distinct recipients and days. Default 1 %: 300 of them without a
 *        difference, which 50 mailboxes make in a week; 0.1 % takes 3,000
 * @param coverage the share of the mailboxes known from the primary that the backup must have been compared for. Default 90 %
 * @param unseen the chance that the next mail goes to a mailbox that was not seen yet (Good-Turing). Default 5 %
 * @param judgement the rate of refusals for content and sender authentication, each direction on its own. Default 0.5 %: two filters
 *        never judge quite the same
 * @param incomparable the share of what could not be compared. Default 5 %: a report over the rest would be about other traffic
 * @param away how long the backup may have been away, altogether. Default 24 hours: what it would have said then is not known
 * @param oldestOpen how old a copy that still waits may be. Default 24 hours: most that heal have healed by then
 */
public record Thresholds(Duration window, int days, boolean monday, double bound, double coverage, double unseen, double judgement,
        double incomparable, Duration away, Duration oldestOpen) {

    private static final int WORKING_DAYS = 5;

    private static final int WEEK = 7;

    /** The defaults. */
    public static final Thresholds DEFAULTS = new Thresholds(Duration.ofDays(7), true, 0.01, 0.9, 0.05, 0.005, 0.05,
            Duration.ofHours(24), Duration.ofHours(24));

    /** With five days of each week of the window. */
    public Thresholds(Duration window, boolean monday, double bound, double coverage, double unseen, double judgement,
            double incomparable, Duration away, Duration oldestOpen) {
        this(window, workingDays(window), monday, bound, coverage, unseen, judgement,
                incomparable, away, oldestOpen);
    }

    /** As an operator has set them. */
    public static Thresholds of(KeyValues keys) {
        Duration window = keys.time(Key.AGREEMENT_WINDOW);
        return new Thresholds(window, keys.number(Key.AGREEMENT_DAYS).orElse(workingDays(window)), keys.isOn(Key.AGREEMENT_MONDAY),
                keys.share(Key.AGREEMENT_BOUND_PERCENT), keys.share(Key.AGREEMENT_COVERAGE_PERCENT),
                keys.share(Key.AGREEMENT_UNSEEN_PERCENT), keys.share(Key.AGREEMENT_JUDGEMENT_PERCENT),
                keys.share(Key.AGREEMENT_INCOMPARABLE_PERCENT), keys.time(Key.AGREEMENT_AWAY), keys.time(Key.AGREEMENT_OLDEST_OPEN));
    }

    private static int workingDays(Duration window) {
        return (int) ((window.toDays() * WORKING_DAYS + WEEK - 1) / WEEK);
    }

    public Thresholds {
        if (days < 0) {
            throw new IllegalArgumentException("not a number of days: " + days);
        }
        for (double rate : new double[] {bound, coverage, unseen, judgement, incomparable}) {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("not a rate: " + rate);
            }
        }
    }
}
