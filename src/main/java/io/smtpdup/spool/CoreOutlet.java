package io.smtpdup.spool;

import java.util.concurrent.Callable;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;

/** By a session of its own: a copy goes back into its queue by all of its session. */
final class CoreOutlet implements Outlet {

    private final Callable<BrokerSession> sessions;

    private final String name;

    private final int tellEvery;

    private final Runnable tellWithin;

    private BrokerSession session;

    private ClientConsumer queue;

    private ClientMessage out;

    private boolean sent;

    /** Copies that are done and of which the broker is not told yet. */
    private int done;

    /** Whether it was told without waiting for its answer, which the client would take for that to a later call. */
    private boolean unanswered;

    /**
     * @param tellEvery of how many copies that are done the broker is told at a time
     * @param tellWithin has {@link #tellSoon} called before long
     */
    CoreOutlet(Callable<BrokerSession> sessions, String queue, int tellEvery, Runnable tellWithin) {
        this.sessions = sessions;
        name = queue;
        this.tellEvery = tellEvery;
        this.tellWithin = tellWithin;
    }

    @Override
    public void open() throws Exception {
        session = sessions.call();
        queue = session.consumer(name, null);
    }

    @Override
    public boolean isOpen() {
        return session != null && !session.isClosed() && queue != null && !queue.isClosed();
    }

    @Override
    public Taken next(long millis) throws ActiveMQException {
        out = queue.receive(millis);
        return out == null ? null : new Taken(out, out.getDeliveryCount());
    }

    @Override
    public void send(String target, StoredMail mail) throws Exception {
        if (!sent) {
            tell();
            sent = true;
        }
        session.send(target, mail.message(session.session()));
    }

    @Override
    public void done() throws ActiveMQException {
        if (sent) {
            sent = false;
            out.acknowledge();
            session.commit();
        } else {
            remember();
        }
    }

    private synchronized void remember() throws ActiveMQException {
        out.acknowledge();
        done++;
        if (done >= tellEvery) {
            tellSoon();
        } else if (done == 1) {
            tellWithin.run();
        }
    }

    @Override
    public void back() throws ActiveMQException {
        sent = false;
        tell();
        out.acknowledge(); // so that it counts as given out
        session.session().rollback();
    }

    @Override
    public synchronized void tellSoon() throws ActiveMQException {
        if (done > 0) {
            done = 0;
            unanswered = true;
            session.session().commit(false);
        }
    }

    /** Whoever has {@link #tellSoon} to call does not wait behind the broker's answer; nothing is done in the meantime. */
    @Override
    public void tell() throws ActiveMQException {
        BrokerSession told;
        synchronized (this) {
            if (done == 0 && !unanswered) {
                return;
            }
            done = 0;
            unanswered = true;
            told = session;
        }
        told.commit();
        synchronized (this) {
            unanswered = false;
        }
    }

    @Override
    public void close() {
        BrokerSession old;
        synchronized (this) {
            done = 0;
            unanswered = false;
            sent = false;
            old = session;
            session = null;
            queue = null;
        }
        if (old != null) {
            old.abandon();
        }
    }
}
