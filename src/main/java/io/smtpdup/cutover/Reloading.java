package io.smtpdup.cutover;

import java.util.List;

/** Has the relay take up its settings as they stand in the files now. */
@FunctionalInterface
public interface Reloading {

    /**
     * Does it, and waits until it is done.
     *
     * @param why for the log
     */
    Result reload(String why);

    /**
     * What came of it.
     *
     * @param problems why nothing has changed; empty when it is done or needs a restart
     */
    record Result(State state, List<String> problems) {
    }

    /** How it ended. */
    enum State {

        /** The new settings are in force. */
        DONE,

        /** The relay cannot do that here: it takes them at its next start. */
        NEEDS_RESTART,

        /** They are wrong; those from before stay in force. */
        REFUSED
    }
}
