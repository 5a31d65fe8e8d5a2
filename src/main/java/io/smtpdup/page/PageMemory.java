package io.smtpdup.page;

import java.time.Clock;
import java.util.Optional;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.SteadyClock;
import org.jspecify.annotations.Nullable;

/**
 * What the pages keep while settings and routes are read anew: the numbers of the last day, who has logged in, and what is still to be said
 * after a change. Safe for use by several threads.
 */
public final class PageMemory implements AutoCloseable {

    private final Traffic traffic = new Traffic();

    private final Notes notes = new Notes();

    /** In the forms of who needs no session. */
    private final String form = Sessions.secret();

    private @Nullable Sessions sessions;

    private Optional<String> token = Optional.empty();

    private volatile @Nullable TrafficSampler sampler;

    /** Counts from now on what the meters say. Once. */
    public void sample(MeterRegistry meters) {
        TrafficSampler begun = new TrafficSampler(meters, traffic, SteadyClock.system());
        sampler = begun;
        begun.start();
    }

    Traffic traffic() {
        return traffic;
    }

    Notes notes() {
        return notes;
    }

    String form() {
        return form;
    }

    /** Who has logged in with this token; with another one than before, that is nobody. */
    synchronized Sessions sessions(Optional<String> ofToken) {
        Sessions known = sessions;
        if (known == null || !token.equals(ofToken)) {
            known = new Sessions(Clock.systemUTC());
            sessions = known;
            token = ofToken;
        }
        return known;
    }

    @Override
    public void close() {
        TrafficSampler begun = sampler;
        if (begun != null) {
            begun.close();
        }
    }
}
