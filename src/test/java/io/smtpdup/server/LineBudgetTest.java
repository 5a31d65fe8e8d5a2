package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;

/** A flood has a few lines in the log, and its number. */
class LineBudgetTest {

    private final List<Integer> summaries = new CopyOnWriteArrayList<>();

    @Test
    void withholdsTheLinesBeyondIt() {
        LineBudget budget = new LineBudget(2, Duration.ofDays(1), summaries::add);

        assertThat(List.of(budget.take(), budget.take(), budget.take(), budget.take())).containsExactly(true, true, false, false);
        assertThat(summaries).isEmpty();
    }

    @Test
    void tellsHowManyItHasWithheldWithoutBeingAskedAgain() {
        LineBudget budget = new LineBudget(1, Duration.ofSeconds(1), summaries::add);
        int withheld = 0;
        for (int i = 0; i < 1000; i++) {
            withheld += budget.take() ? 0 : 1;
        }
        int all = withheld;

        await().until(() -> summaries.stream().mapToInt(Integer::intValue).sum() == all);
    }

    @Test
    void letsLinesPassAgainAfterwards() {
        LineBudget budget = new LineBudget(1, Duration.ofMillis(1), summaries::add);
        budget.take();

        await().until(budget::take);
    }
}
