package io.smtpdup.agreement;

import java.io.IOException;

/** When what is done now and then is due: looking at files, putting the journal on the disk, writing a snapshot. For one thread. */
final class Upkeep {

    private static final long REFRESH = 10_000;

    private static final long FORCE = 5_000;

    private static final long SNAPSHOT = 600_000;

    private static final long TRY_AGAIN = 60_000;

    private static final long JOURNAL = 16 << 20;

    private long refreshed;

    private long forced;

    private long snapshot;

    private long tried;

    private long said;

    private boolean changed;

    /** Something that is counted would be lost by a kill; only a snapshot that works makes it good. */
    private boolean failed;

    /** @param now when the store was opened, which wrote a snapshot */
    Upkeep(long now) {
        refreshed = now;
        forced = now;
        snapshot = now;
    }

    /** Something was counted since the last snapshot. */
    void changed() {
        changed = true;
    }

    /** Something could not be written down. */
    void failed() {
        failed = true;
    }

    void refresh(long now, LiveFile<?>... files) {
        if (isOver(refreshed, REFRESH, now)) {
            refreshed = now;
            for (LiveFile<?> file : files) {
                file.refresh();
            }
        }
    }

    /** Whether it is time for a line about something that may happen a thousand times a second. */
    boolean maySay(long now) {
        if (isOver(said, TRY_AGAIN, now)) {
            said = now;
            return true;
        }
        return false;
    }

    boolean mayTryAgain(long now) {
        if (isOver(tried, TRY_AGAIN, now)) {
            tried = now;
            return true;
        }
        return false;
    }

    /**
     * Writes what is due. After a failure that is a snapshot, once a minute: whatever is wrong with the disk, it is the spool's too.
     * Returns whether everything that is counted would survive a kill.
     */
    boolean write(Store store, long now) throws IOException {
        boolean due = failed || !store.isWritten()
                ? mayTryAgain(now)
                : changed && isOver(snapshot, SNAPSHOT, now) || store.journalSize() > JOURNAL;
        boolean stillFailed = failed;
        failed = true;
        if (due) {
            snapshot = now;
            long before = tried;
            tried = now;
            store.snapshot();
            tried = before;
            changed = false;
            stillFailed = false;
        } else if (!stillFailed && isOver(forced, FORCE, now)) {
            forced = now;
            store.force();
        }
        failed = stillFailed;
        return store.isWritten() && !failed;
    }

    /** A clock that was set back makes it due as well. */
    private static boolean isOver(long last, long pause, long now) {
        return now - last >= pause || now < last;
    }
}
