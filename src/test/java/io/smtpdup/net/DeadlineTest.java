package io.smtpdup.net;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class DeadlineTest {

    private final AtomicInteger actions = new AtomicInteger();

    private final Deadline deadline = new Deadline(actions::incrementAndGet);

    @AfterEach
    void close() {
        deadline.close();
    }

    @Test
    void actsOnceWhenItPasses() {
        deadline.within(Duration.ZERO);

        await().until(deadline::hasPassed);
        afterTheNextLook();
        assertThat(actions).hasValue(1);
    }

    @Test
    void doesNotActWhileItIsNotSetOrLiftedOrFarAway() {
        afterTheNextLook();
        deadline.within(Duration.ofHours(1));
        afterTheNextLook();
        deadline.lift();
        afterTheNextLook();

        assertThat(actions).hasValue(0);
        assertThat(deadline.hasPassed()).isFalse();
    }

    @Test
    void canBeSetAnewAfterItHasPassed() {
        deadline.within(Duration.ZERO);
        await().until(() -> actions.get() == 1);

        deadline.within(Duration.ofHours(1));
        assertThat(deadline.hasPassed()).isFalse();
        deadline.within(Duration.ofNanos(-1));
        await().until(() -> actions.get() == 2);
    }

    @Test
    void doesNotActAnyMoreWhenItIsLifted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger acted = new AtomicInteger();
        try (Deadline slow = new Deadline(() -> {
            begun.countDown();
            awaitUninterruptibly(end);
            acted.incrementAndGet();
        })) {
            slow.within(Duration.ZERO);
            begun.await();
            AtomicInteger seen = new AtomicInteger(-1);
            Thread lifting = new Thread(() -> {
                slow.lift();
                seen.set(acted.get());
            });
            lifting.start();
            await().until(() -> lifting.getState() == Thread.State.BLOCKED || seen.get() >= 0);

            end.countDown();
            lifting.join();

            assertThat(seen).as("actions when it was lifted").hasValue(1);
            assertThat(slow.hasPassed()).isTrue();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anActionThatFailsDoesNotKeepTheOthersFromTheirs() {
        try (Deadline failing = new Deadline(() -> {
            throw new IllegalStateException("thrown by a test");
        })) {
            failing.within(Duration.ZERO);
            await().until(failing::hasPassed);
            deadline.within(Duration.ZERO);

            await().until(() -> actions.get() == 1);
        }
    }

    /** Another one, set later, has been looked at. */
    private static void afterTheNextLook() {
        for (int i = 0; i < 2; i++) {
            try (Deadline other = new Deadline(() -> { })) {
                other.within(Duration.ZERO);
                await().until(other::hasPassed);
            }
        }
    }
}
