package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

/** What a server has shown of itself is remembered for a while, and then looked at anew. */
class MannersTest {

    private final AtomicLong nanoTime = new AtomicLong(-5);

    private final Manners manners = new Manners("mail.example:25", nanoTime::get);

    @Test
    void knowsALimitOfRecipientsForAnHour() {
        assertThat(manners.recipients()).isEqualTo(Integer.MAX_VALUE);

        manners.takesOnly(1);

        nanoTime.addAndGet(Manners.LIMIT_MEMORY.toNanos() - 1);
        assertThat(manners.recipients()).isEqualTo(1);
        nanoTime.addAndGet(1);
        assertThat(manners.recipients()).as("it may have been busy").isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void knowsForADayThatAServerDoesNotReadWhatArrivesTogether() {
        manners.stumblesOverTogether(true);

        nanoTime.addAndGet(Manners.MEMORY.toNanos() - 1);
        assertThat(manners.readsTogether()).isFalse();
        nanoTime.addAndGet(1);
        assertThat(manners.readsTogether()).isTrue();
    }

    @Test
    void suspectsTheLineBeforeTheServer() {
        manners.stumblesOverTogether(false);
        assertThat(manners.readsTogether()).isTrue();
        manners.hasReadTogether();
        manners.stumblesOverTogether(false);
        assertThat(manners.readsTogether()).isTrue();

        manners.stumblesOverTogether(false);

        assertThat(manners.readsTogether()).isFalse();
    }
}
