package io.smtpdup.spool;

import org.apache.camel.spi.Metadata;

/**
 * What is known about a copy besides its mail: headers of the exchange while it is on its way, kept with it in its queue.
 * Times are milliseconds since 1970 by the relay's
 * {@link io.smtpdup.message.SteadyClock}, as {@code Long}.
 */
public final class CopyConstants {

    /** When the mail was accepted, or the copy queued anew by an operator. Set when a copy without it is queued. */
    @Metadata(description = "When the mail was accepted or queued anew, in milliseconds since 1970", javaType = "Long")
    public static final String ACCEPTED_AT = "CamelCopyAcceptedAt";

    /** How often the copy was tried, {@code Integer}; absent for never. */
    @Metadata(description = "How often the copy was tried", javaType = "Integer")
    public static final String ATTEMPTS = "CamelCopyAttempts";

    /** How often nobody knew after a try whether the backup has it; absent for never. */
    @Metadata(description = "How often nobody knew after a try whether the backup has it", javaType = "Integer")
    public static final String UNKNOWN = "CamelCopyUnknown";

    /** The name under which the relay remembers what the backup said to a copy that could not be put away; mostly absent. */
    @Metadata(description = "A name of the relay for a copy that could not be put away", javaType = "String")
    public static final String STUCK = "CamelCopyStuck";

    /** When it was first tried and had to wait; absent for never. */
    @Metadata(description = "When it was first tried and had to wait, in milliseconds since 1970", javaType = "Long")
    public static final String FIRST_ATTEMPT_AT = "CamelCopyFirstAttemptAt";

    /** The last 4xx of the backup's own about each recipient; absent for none. */
    @Metadata(description = "The last 4xx of the backup's own about the recipients", javaType = "String")
    public static final String DEFERRAL = "CamelCopyDeferral";

    /** When it was tried last; absent for never. */
    @Metadata(description = "When it was tried last, in milliseconds since 1970", javaType = "Long")
    public static final String LAST_ATTEMPT_AT = "CamelCopyLastAttemptAt";

    /** What the backup said then, or what stands for its silence, on one line. */
    @Metadata(description = "What the backup said then", javaType = "String")
    public static final String LAST_REPLY = "CamelCopyLastReply";

    /** When the queue gives the copy out again; absent for at once. It is not kept: who takes the copy out has waited. */
    @Metadata(description = "When the queue shall give the copy out, in milliseconds since 1970", javaType = "Long")
    public static final String DUE_AT = "CamelCopyDueAt";

    /** When the copy was given up; on dead letters only. */
    @Metadata(description = "When the copy was given up, in milliseconds since 1970", javaType = "Long")
    public static final String DEAD_AT = "CamelCopyDeadAt";

    /** What is wrong with a copy that is set aside, because it cannot be read or is not what was queued; on no other. */
    @Metadata(description = "What is wrong with a copy that is no whole mail", javaType = "String")
    public static final String DAMAGE = "CamelCopyDamage";

    /** Where a part of a copy that is split belongs: the name of a queue. It is not kept. */
    @Metadata(description = "The queue of a part of a copy that is split", javaType = "String")
    public static final String QUEUE = "CamelCopyQueue";

    /** How often the queue has given this copy out, this time included; by the broker. */
    @Metadata(description = "How often the queue has given the copy out", javaType = "Integer")
    public static final String TAKEN = "CamelCopyTaken";

    /** What names this copy among all in its queue, also when it comes again; by the broker. */
    @Metadata(description = "What names the copy among all", javaType = "String")
    public static final String KEY = "CamelCopyKey";

    private CopyConstants() {
    }
}
