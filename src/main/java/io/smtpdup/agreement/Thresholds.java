package io.smtpdup.agreement;

import java.time.Duration;

/**
 * What must be reached for {@link Verdict#READY}. Rates are between 0 and 1.
 *
 * @param window how long the comparison must have gone on. Default 7 days: who writes on weekends, and who only on weekdays, has
 *        written
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
public record Thresholds(Duration window, boolean monday, double bound, double coverage, double unseen, double judgement,
        double incomparable, Duration away, Duration oldestOpen) {

    /** The defaults. */
    public static final Thresholds DEFAULTS = new Thresholds(Duration.ofDays(7), true, 0.01, 0.9, 0.05, 0.005, 0.05,
            Duration.ofHours(24), Duration.ofHours(24));

    public Thresholds {
        for (double rate : new double[] {bound, coverage, unseen, judgement, incomparable}) {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("not a rate: " + rate);
            }
        }
    }
}
