package io.smtpdup.spool;

import java.util.List;

/** What the queues of the spool are called: what their copies are, and then the name of the backup they are for. */
public final class QueueNames {

    /** What the name of a queue begins with in which a backup's copies wait. */
    public static final String WAITING = "backup.";

    /** What the name of every queue of dead letters begins with. */
    public static final String DEAD = "dead.";

    /** What the name of every queue of damaged copies begins with. */
    public static final String DAMAGED = "damaged.";

    /** What the name of every queue begins with in which questions to a backup wait: no copies, and nothing is lost with one. */
    public static final String QUESTIONS = "question.";

    /** Each of those that have copies. */
    public static final List<String> KINDS = List.of(WAITING, DEAD, DAMAGED);

    /** Each of all. */
    static final List<String> ALL = List.of(WAITING, DEAD, DAMAGED, QUESTIONS);

    private QueueNames() {
    }

    /** The name of the backup that a queue belongs to; the queue's own name when it is none of ours. */
    public static String backup(String queue) {
        return ALL.stream().filter(queue::startsWith).map(kind -> queue.substring(kind.length())).findFirst().orElse(queue);
    }
}
