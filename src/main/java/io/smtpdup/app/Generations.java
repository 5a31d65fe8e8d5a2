package io.smtpdup.app;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.config.ConfigurationException;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.Emergency;
import io.smtpdup.tools.AccessGuard;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.ReloadResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generation in force and those before it that still bring something to its end. A reload checks the files as {@code --check} does,
 * starts the next generation beside the one in force, and only then hands over to it: until there nothing has changed.
 */
final class Generations implements Reload {

    /** Each of them waits for a client's or a backup's final reply, which may take its time. */
    private static final int MOST_ENDING = 10;

    /** For clients that have only announced a mail to be sent away. */
    private static final Duration HURRY = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final Path directory;

    private final Ground ground;

    private final Supplier<Settings> anew;

    /** One reload at a time, and none while the relay starts or stops. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Reloads reloads = new Reloads(Clock.systemUTC());

    private final List<Generation> ending = new CopyOnWriteArrayList<>();

    private final List<Thread> ends = new CopyOnWriteArrayList<>();

    private volatile Generation current;

    private volatile boolean stopping;

    private boolean begun;

    /** Null where nothing listens. */
    private ManagementVertx management;

    private RelayMeters meters;

    /** @param anew reads the settings again; null where there are none to read */
    Generations(Generation first, Path directory, Ground ground, Supplier<Settings> anew) {
        current = first;
        this.directory = directory;
        this.ground = ground;
        this.anew = anew;
    }

    Generation current() {
        return current;
    }

    int ending() {
        return ending.size();
    }

    /** All of them share that, and the metrics. Before the first one starts. */
    void share(ManagementVertx server) {
        management = server;
        meters = new RelayMeters();
        ground.bindTo(meters);
        reloads.bindTo(meters);
        meters.keepAll();
        current.share(management, meters);
    }

    /** The first one runs. */
    void begin() {
        turn.lock();
        begun = management != null;
        turn.unlock();
    }

    @Override
    public ReloadResult now(String reason) {
        if (!stopping) { // who stops has the turn to the end of the last mail
            turn.lock();
        }
        try {
            ReloadResult result = stopping || !begun ? ReloadResult.refused(List.of("the relay " + (stopping ? "stops" : "does not run")))
                    : !hasRoom() ? ReloadResult.refused(List.of(ending.size() + " earlier reloads still have mails"
                            + " that end with the settings they began with; try again later"))
                    : anew == null ? ReloadResult.refused(List.of("there are no files to read the settings from anew"))
                    : reload();
            reloads.ended(reason, result);
            return result;
        } finally {
            if (turn.isHeldByCurrentThread()) {
                turn.unlock();
            }
        }
    }

    /** Whether not too many are ending, once those who only keep them from it are sent away. */
    private boolean hasRoom() {
        if (ending.size() >= MOST_ENDING) {
            ending.forEach(earlier -> earlier.parts().hurry());
            long end = System.nanoTime() + HURRY.toNanos();
            while (ending.size() >= MOST_ENDING && System.nanoTime() < end) {
                LockSupport.parkNanos(RouteEnding.POLL.toNanos());
            }
        }
        return ending.size() < MOST_ENDING;
    }

    @Override
    public boolean isPossible() {
        return anew != null;
    }

    @Override
    public Optional<Latest> latest() {
        return reloads.latest();
    }

    private ReloadResult reload() {
        Generation before = current;
        Generation next = null;
        ReloadResult result;
        try {
            Settings read = checked();
            Settings wanted = read.forRunning(before.settings());
            requireTools(wanted);
            ground.listeners().hold(true);
            next = new Generation(ground, directory, wanted, true, before);
            next.share(management, meters);
            next.parts().open();
            next.start();
            ListenerRoutes.prepare(next.context());
            result = Changes.between(before, next, read);
        } catch (ConfigurationException e) {
            return ReloadResult.refused(e.problems());
        } catch (Throwable e) {
            Emergency.consider(e);
            giveUp(next);
            LOG.debug("stack trace", e);
            return ReloadResult.refused(List.of(StartException.because(e).getMessage()));
        } finally {
            ground.listeners().hold(false);
        }
        handOver(before, next);
        return result;
    }

    /** What the files say may be right, and not together with what stays as it is until the next start. */
    private static void requireTools(Settings wanted) {
        if (new AccessGuard(wanted.managementHost(), wanted.managementToken()).isClosed()) {
            throw new StartException("management.token: without one nobody could use the tools at management.host " + wanted.managementHost()
                    + ", which stays until the next start");
        }
    }

    /** As {@code --check} does it. */
    private Settings checked() {
        Settings read = anew.get();
        List<String> problems = new ArrayList<>(read.unknown());
        problems.addAll(AgreementSettings.of(read).problems());
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        read.warnings().forEach(LOG::warn);
        try (Relay check = new Relay(directory, read, false)) {
            check.start();
        }
        return read;
    }

    private static void giveUp(Generation next) {
        if (next != null) {
            step(next.parts()::beginNothing);
            step(next::stop);
        }
    }

    /** There is no way back from here. */
    private void handOver(Generation before, Generation next) {
        current = next;
        ending.add(before);
        List<RelayMeters.Left> counted = new ArrayList<>();
        step(before.parts()::makeWay);
        step(() -> counted.addAll(meters.turn()));
        step(() -> LogSetup.follow(before.settings(), next.settings()));
        step(next.parts()::apply);
        step(() -> next.attach(this));
        step(management::turn);
        step(() -> ListenerRoutes.takeOver(next.context()));
        step(() -> next.parts().takeDrainsOf(before.parts()));
        step(() -> {
            Thread end = new Thread(() -> end(before, counted), "reload-ending");
            end.setDaemon(true);
            ends.add(end);
            end.start();
        });
        step(next.parts()::forgetOtherGates);
    }

    /** One that fails keeps nothing of the rest from being done: mail flows by then. */
    private static void step(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            Emergency.consider(e);
            LOG.error("a part of the reload has failed: {}", e.toString());
            LOG.debug("stack trace", e);
        }
    }

    private void end(Generation before, List<RelayMeters.Left> counted) {
        try {
            before.parts().retire(before.context());
            step(() -> counted.forEach(RelayMeters.Left::add));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the relay stops, and sees to it
            ends.remove(Thread.currentThread());
            return;
        } catch (Throwable e) {
            Emergency.consider(e);
            LOG.error("what was in force before a reload does not end by itself, and is stopped: {}", e.toString());
            LOG.debug("stack trace", e);
        }
        step(before::stop);
        ends.remove(Thread.currentThread());
        ending.remove(before);
    }

    /** Drains and stops all of them, at the same time. */
    void stop() {
        stopping = true;
        turn.lock(); // a reload comes to its end, or is refused
        try {
            List<Thread> drains = new ArrayList<>();
            for (Generation earlier : ending) {
                Thread drain = new Thread(earlier::drain, "drain-earlier");
                drain.start();
                drains.add(drain);
            }
            current.drain();
            for (Thread drain : drains) {
                drain.join();
            }
            for (Thread end : ends) {
                end.interrupt();
                end.join();
            }
            ending.forEach(earlier -> step(earlier::stop));
            current.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            turn.unlock();
        }
    }
}
