package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.function.UnaryOperator;

import org.subethamail.smtp.server.SMTPServer;

/**
 * Keeps a promise with our component, and sees the stock library break the same promise in the same dialogue: so we know
 * that the test is able to fail, and notice when the library is mended.
 *
 * <p>Of SubEtha's known defects these are not shown so, because there is nothing to compare. A connection that is held
 * beyond the limit (accept then waits in vain): the library alone closes such connections at once, and a thread of its
 * own that hangs in writing needs a client that reads nothing, which {@link SilentClientTest} and {@link StopTest} have. PROXY headers: neither
 * we nor the library read them unless told to. An accept thread killed by an Error: nobody can make a JVM run out of
 * threads in a unit test without hurting its neighbours; health connects for real.
 */
final class StockDefects {

    /** What a client may rely on. */
    @FunctionalInterface
    interface Promise {
        void keep(Front front) throws Exception;
    }

    private StockDefects() {
    }

    /** As {@link #keptButNotByStock(String, UnaryOperator, Promise, String)}, both servers without options. */
    static void keptButNotByStock(Promise promise, String defect) {
        keptButNotByStock("", UnaryOperator.identity(), promise, defect);
    }

    /**
     * Fails when our component breaks the promise, or when the stock library keeps it, or breaks it in another way.
     *
     * @param options of our endpoint
     * @param settings the stock server's equivalent
     * @param defect what the failure with the stock library says
     */
    static void keptButNotByStock(
            String options, UnaryOperator<SMTPServer.Builder> settings, Promise promise, String defect) {
        try (Front ours = Front.ours(options)) {
            promise.keep(ours);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        try (Front stock = Front.stock(settings)) {
            AssertionError broken = catchThrowableOfType(AssertionError.class, () -> promise.keep(stock));
            assertThat(broken).as("SubEtha is expected to break this promise: has it been mended?").isNotNull();
            assertThat(broken).hasMessageContaining(defect);
        }
    }
}
