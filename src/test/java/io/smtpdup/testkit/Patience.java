package io.smtpdup.testkit;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long every test waits for what must come, and how long what must be soon may take: the one number to raise for a machine that
 * is slower than any. Only a test that fails waits so long, so it may be far more than any machine needs. JUnit finds this
 * class by itself, and Awaitility waits as long.
 */
public final class Patience implements BeforeAllCallback {

    public static final Duration LIMIT = Duration.ofMinutes(3);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LIMIT);
    }
}
