package io.smtpdup.app;

import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;

/** The routes of a context that clients connect to, all at once. */
final class ListenerRoutes {

    private ListenerRoutes() {
    }

    private static Stream<SmtpServerConsumer> of(CamelContext context) {
        return context.getRoutes().stream().map(Route::getConsumer)
                .filter(SmtpServerConsumer.class::isInstance).map(SmtpServerConsumer.class::cast);
    }

    /** Finds out what can be known before {@link #takeOver}. */
    static void prepare(CamelContext context) {
        of(context).forEach(SmtpServerConsumer::prepare);
    }

    /** Has clients talk to this context from now on, those that there are each after its mail. */
    static void takeOver(CamelContext context) {
        of(context).forEach(SmtpServerConsumer::takeOver);
    }

    /** One look of many: see {@link SmtpServerConsumer#retire}. Returns whether no client is left. */
    static boolean retire(CamelContext context, boolean atOnce) {
        boolean over = true;
        for (SmtpServerConsumer clients : of(context).toList()) {
            over &= clients.retire(atOnce);
        }
        return over;
    }

    /** Serves clients to the end of their mails, and returns when that is done. */
    static void stop(CamelContext context) {
        List<Thread> all = of(context).map(clients -> new Thread(clients::stop, "drain")).toList();
        all.forEach(Thread::start);
        for (Thread one : all) {
            try {
                one.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
