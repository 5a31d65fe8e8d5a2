package io.smtpdup.postfix;

import java.io.IOException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Takes care of the {@link Site} of a test: nothing runs without Postfix, a failure comes with what the processes said,
 * because three processes away it says little without, and everything is closed.
 */
final class SiteKeeper implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {

    private Site site;

    /** Takes over a site that the test has opened. Returns it. */
    Site keep(Site opened) {
        site = opened;
        return opened;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        PostfixInstance.assumeInstalled();
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        System.err.println(site == null ? "" : site.report());
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (site != null) {
            site.close();
        }
    }
}
