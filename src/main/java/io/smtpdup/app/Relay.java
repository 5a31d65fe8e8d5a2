package io.smtpdup.app;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.Emergency;
import io.smtpdup.server.Listeners;
import io.smtpdup.server.SmtpServerConsumer;
import io.smtpdup.spool.Spool;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.ReloadResult;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;

/**
 * A relay in this process: the {@link Ground}, and on it one {@link Generation} of settings and routes after the other. Life: {@link
 * #start()}, any number of {@link #reload}, then {@link #stop()}, each of the others once.
 */
public final class Relay implements AutoCloseable {

    private final Path directory;

    private final boolean listening;

    private final Ground ground;

    private final Generations generations;

    /** What the process ends with. */
    private volatile int status;

    /** A signal is ending the process. */
    private volatile boolean ending;

    /** Null until the start. */
    private volatile ManagementVertx management;

    /**
     * Prepares a relay that knows no files to read its settings from anew; nothing is opened yet.
     *
     * @param directory the working directory; see {@link RouteFiles} for its routes
     * @param listening false to load and check everything without listening anywhere
     * @throws StartException when there are no routes to run, or spool.directory cannot be written
     */
    public Relay(Path directory, Settings settings, boolean listening) {
        this(directory, settings, listening, null, new Listeners());
    }

    /**
     * Prepares a relay.
     *
     * @param anew reads the settings again, for a reload; null for none
     * @param listeners the listening sockets, perhaps one that is there already
     */
    Relay(Path directory, Settings settings, boolean listening, Supplier<Settings> anew, Listeners listeners) {
        this.directory = directory;
        this.listening = listening;
        ground = new Ground(settings, listeners);
        generations = new Generations(new Generation(ground, directory, settings, listening, null), directory, ground, anew);
    }

    /**
     * Starts everything; returns when mail is accepted.
     *
     * @throws StartException when something cannot start; everything is stopped again then
     */
    public void start() {
        Generation first = generations.current();
        try {
            if (listening) {
                StartChecks.requireManagementPort(first.settings());
                first.parts().apply();
                ground.open();
                first.parts().open();
                management = new ManagementVertx(
                        first.settings().managementMaxConnections(), first.settings().managementTimeout());
                generations.share(management);
            }
            first.start();
            first.attach(listening ? generations : null);
            generations.begin();
        } catch (Throwable e) {
            Emergency.consider(e);
            if (ending) {
                awaitEnd(); // SIGTERM has stopped what was starting, and the signal's thread ends the process
            }
            status = 1;
            stop();
            throw StartException.because(e);
        }
    }

    /** Reads settings, routes and certificates anew: see {@link Reload#now}. */
    public ReloadResult reload(String reason) {
        return generations.now(reason);
    }

    /**
     * Has SIGTERM drain this relay, and end the process with status 0, which a JVM that was sent SIGTERM would not. Called
     * before {@link #start()}.
     *
     * @param last what there is to do after the drain
     */
    void endOnSignal(Runnable last) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ending = true;
            try {
                stop();
                last.run();
            } finally {
                LogSetup.flush();
                Runtime.getRuntime().halt(status);
            }
        }, "shutdown"));
    }

    /** Blocks for ever; a signal ends the process. */
    void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The port of the route {@code relay}'s listener, also when the system chose it. */
    public int port() {
        Route route = context().getRoute("relay");
        return ((SmtpServerConsumer) route.getConsumer()).getLocalPort();
    }

    /** For tests that break it. */
    Spool spool() {
        return ground.spool();
    }

    /** For tests that tell it of mails that were not sent, or count with it. */
    Agreement agreement() {
        return ground.agreement().agreement();
    }

    /** How many earlier generations still bring something to its end. */
    int endingGenerations() {
        return generations.ending();
    }

    /** Of the settings and routes that are in force now. */
    public CamelContext context() {
        return generations.current().context();
    }

    /**
     * Drains and stops: clients are served to the end of their mail, whose copies go into the spool; at the same time copies
     * on their way to a backup get to their end. Copies that wait stay in the spool.
     */
    public void stop() {
        generations.stop();
        ManagementVertx open = management;
        if (open != null) {
            open.close();
        }
        ground.close();
    }

    @Override
    public void close() {
        stop();
    }
}
