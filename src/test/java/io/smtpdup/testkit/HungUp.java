package io.smtpdup.testkit;

import java.io.IOException;

/** Ends a scripted connection because its script said so. */
final class HungUp extends IOException {

    private static final long serialVersionUID = 1;

    HungUp(String how) {
        super(how);
    }
}
