package io.smtpdup.page;

import io.smtpdup.tools.BackupView;

/**
 * A backup and its queue, or one that was left over, as an operator reads it.
 *
 * @param label what people call it: its address, else its name
 * @param why what its state means for the copies, in a sentence or two
 * @param rate mails per minute that its server takes
 */
record Queue(BackupView view, String label, State state, String why, String rate) {

    static Queue of(BackupView view, long deliveredInFiveMinutes) {
        return new Queue(view, Words.plain(view.address() == null ? view.name() : view.address()), State.ofQueue(view.state()), why(view),
                Words.rate(deliveredInFiveMinutes));
    }

    private static String why(BackupView view) {
        long copies = view.waiting() + view.deferred() + view.inFlight();
        String wait = copies == 0 ? "Nothing waits." : Words.copies(copies) + (copies == 1 ? " waits." : " wait.");
        return switch (view.state()) {
            case "active" -> copies == 0 ? "It has everything." : view.deferred() > 0
                    ? "It has put off " + Words.copies(view.deferred()) + ", which are tried again later." : "It is taking its copies.";
            case "away" -> "It has not answered for " + Words.since(view.since()) + ". " + wait + " The next try is "
                    + (view.nextTry() == null ? "under way." : Words.in(view.nextTry()) + ".");
            case "paused" -> "Paused by an operator, until somebody resumes it. " + wait;
            case "elsewhere" -> "Another relay on the same broker delivers to it. " + wait;
            default -> "It is no longer in relay.destination_backups, and nobody delivers what it left: drain, move or delete it. " + wait;
        };
    }

    String name() {
        return view.name();
    }

    long copies() {
        return view.waiting() + view.deferred() + view.inFlight();
    }

    boolean isPaused() {
        return view.state().equals("paused");
    }

    /** Whether it is in the list of backups. */
    boolean isBackup() {
        return view.role().equals("backup");
    }

    boolean isLeft() {
        return view.role().equals("left");
    }

    /** Whether its copies hold still, so that they can be moved and deleted. */
    boolean isStill() {
        return isPaused() || view.state().equals("unread");
    }

    boolean canDrain() {
        return isLeft() && view.state().equals("unread");
    }

    String error() {
        return Words.plain(view.lastError());
    }
}
