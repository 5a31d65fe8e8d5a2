package io.smtpdup.spool;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Exchange;

/**
 * For whom the routes of one mail have made copies, and into which queues: shared by everything that the routes make of the mail. Safe
 * for use by several threads.
 */
public final class CopiedTo {

    private static final String PROPERTY = "smtpdup.copied.to";

    private final Map<String, Set<String>> recipients = new HashMap<>();

    /** Where the queue's filter lets only some of them pass. */
    private final Map<String, List<String>> passed = new HashMap<>();

    /** Begins to note it of a mail whose routes are about to begin. */
    public static void begin(Exchange mail) {
        mail.setProperty(PROPERTY, new CopiedTo());
    }

    /** What is known of a mail; knows of nothing where nobody has begun. */
    public static CopiedTo of(Exchange mail) {
        CopiedTo known = mail.getProperty(PROPERTY, CopiedTo.class);
        return known == null ? new CopiedTo() : known;
    }

    /** A copy for these is given to a queue, whatever becomes of it there. */
    public synchronized void add(String queue, List<String> some) {
        recipients.computeIfAbsent(queue, unused -> new HashSet<>()).addAll(some);
    }

    /** The queue's filter lets a copy pass, for these. */
    synchronized void pass(String queue, List<String> some) {
        passed.put(queue, some);
    }

    /** For whom of these the copy was that a queue was given. */
    public synchronized List<String> passed(String queue, List<String> all) {
        return passed.getOrDefault(queue, all);
    }

    /** For whom of these no copy was given to a queue. */
    public synchronized List<String> without(String queue, List<String> all) {
        Set<String> some = recipients.getOrDefault(queue, Set.of());
        return all.stream().filter(recipient -> !some.contains(recipient)).toList();
    }
}
