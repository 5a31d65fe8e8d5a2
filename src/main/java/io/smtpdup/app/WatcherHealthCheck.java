package io.smtpdup.app;

import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A check that is about neither readiness nor life, only for who watches: while it is down mail goes on, another relay would
 * fare no better, and a restart mends nothing.
 */
abstract class WatcherHealthCheck extends AbstractHealthCheck {

    WatcherHealthCheck(String id) {
        super("smtpdup", id);
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }
}
