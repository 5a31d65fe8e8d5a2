package io.smtpdup.tools;

import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;

/** Closes something when a context stops. */
public final class OnStop extends ServiceSupport {

    private final Runnable close;

    private OnStop(Runnable close) {
        this.close = close;
    }

    /** @param close called once, from the thread that stops the context */
    public static void close(CamelContext context, Runnable close) {
        try {
            context.addService(new OnStop(close));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void doStop() {
        close.run();
    }
}
