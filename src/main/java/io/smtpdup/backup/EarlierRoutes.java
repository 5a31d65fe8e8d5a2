package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What only route files of earlier versions use, which said themselves how a backup is treated: decision 23. Since then the
 * settings say it, and no route hands it on. All of that is here, so that it can go at once when such files are refused one day.
 */
public final class EarlierRoutes {

    private EarlierRoutes() {
    }

    /** The bean {@code gates}, with what the step {@code turn} called. */
    public static final class Turns extends Gates {

        public Turns(Settings settings, Undelivered undelivered, Verdicts verdicts, Clock clock, SharedGates shared) {
            super(settings, undelivered, verdicts, clock, shared);
        }

        /**
         * As {@link #enter(Exchange, String)}, with the backup treated from now on as the route has it.
         *
         * @param rate mails a minute, 0 for no limit
         * @param probeFirst the pause before the first try of a backup that is away; doubles with each failure
         * @param probeLongest the longest such pause
         * @param retryFor how old a copy may get
         */
        public void enter(Exchange exchange, String name, int rate, Duration probeFirst, Duration probeLongest, Duration retryFor)
                throws Exception {
            gate(name).ifPresent(gate -> gate.treat(new Gate.Policy(rate, probeFirst, probeLongest, retryFor)));
            enter(exchange, name);
        }
    }

    /** The bean {@code undelivered}, with what the steps behind {@code mixed} and {@code deferred} called. */
    public static final class Failures extends Undelivered {

        public Failures(Duration firstPause, Duration longestPause, Clock clock) {
            super(firstPause, longestPause, clock);
        }

        /** As {@link #defer(Exchange)}, with pauses of the route's own. */
        public void defer(Exchange exchange, Duration first, Duration longest) {
            deferFor(exchange, first, longest);
        }

        /** As {@link #parts(Exchange)}, with pauses of the route's own. */
        public List<Message> parts(Exchange exchange, Duration first, Duration longest) {
            return partsFor(exchange, first, longest);
        }
    }

    /** What the template {@code backup} asked for besides the name and the address. */
    public static Map<String, Object> parameters(Settings settings, Destination server) {
        return Map.of(
                "tls", server.tls().word(),
                "concurrency", settings.concurrency(server),
                "connections", settings.connections(server),
                "rate", settings.rate(server),
                "retryFor", settings.retryFor(server).toMillis(),
                "discardEhlo", settings.discardEhlo(server));
    }
}
