package io.smtpdup.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A request that the relay may need long for, while the terminal shows how far it is. The relay brings it to its end, each copy as a whole,
 * whether or not somebody still waits for the answer.
 */
final class LongRequest {

    private static final long ASKED_EVERY_MILLIS = 500;

    private final Progress progress;

    private final Interruption interruption;

    /** How many are left to do; null when that is too dear to ask for again and again. */
    private final LongSupplier left;

    LongRequest(Progress progress, Interruption interruption, LongSupplier left) {
        this.progress = progress;
        this.interruption = interruption;
        this.left = progress.isSeen() ? left : null;
    }

    /**
     * Waits for the answer.
     *
     * @param what is done, such as {@code deleted}
     * @throws CommandException when the request failed, or somebody wants to wait no longer
     */
    RelayClient.Answer answer(Supplier<RelayClient.Answer> request, String what) {
        long all = left == null ? 0 : left.getAsLong();
        long done = 0;
        try {
            CompletableFuture<RelayClient.Answer> answer = CompletableFuture.supplyAsync(request);
            while (true) {
                try {
                    return answer.get(ASKED_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    done = left == null ? 0 : Math.max(done, all - left(all - done));
                    progress.show(done, all, " " + what);
                }
                if (interruption.isWanted()) {
                    throw CommandException.interrupted("the relay goes on with what it has begun"
                            + (all > 0 ? "; " + done + " of " + all + " were " + what + " so far" : ""));
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandException.interrupted("the relay goes on with what it has begun");
        } finally {
            progress.clear();
        }
    }

    /** Not to be told for once is no reason to end. */
    private long left(long before) {
        try {
            return left.getAsLong();
        } catch (CommandException e) {
            return before;
        }
    }
}
