package io.smtpdup.agreement;

import java.io.IOException;

/** Steps of which each is taken, whatever becomes of the others. */
final class Steps {

    private Steps() {
    }

    /** One of them; returns a number that adds up. */
    @FunctionalInterface
    interface Step {

        int run() throws IOException;
    }

    /** @throws IOException the first one, after the last step */
    static int all(Step... steps) throws IOException {
        int sum = 0;
        IOException failure = null;
        for (Step step : steps) {
            try {
                sum += step.run();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return sum;
    }
}
