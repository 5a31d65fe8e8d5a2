package io.smtpdup.app;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.smtpdup.tools.Reload;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** SIGHUP reloads, as it does with most programs that run for long. The answer is in the log. */
final class ReloadSignal {

    private ReloadSignal() {
    }

    /** Until the process ends. */
    static void listen(Reload reload) {
        ExecutorService thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), work -> {
            Thread one = new Thread(work, "reload-signal");
            one.setDaemon(true);
            return one;
        }, new ThreadPoolExecutor.DiscardPolicy()); // one that waits for its turn reads what the files say then
        try {
            Signal.handle(new Signal("HUP"), signal -> thread.execute(() -> reload.now("SIGHUP")));
        } catch (IllegalArgumentException e) { // no such signal on this system, or the JVM was told to leave it alone
            LoggerFactory.getLogger(ReloadSignal.class).debug("SIGHUP does not reload here", e);
        }
    }
}
