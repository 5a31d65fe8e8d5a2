package io.smtpdup.spool;

/**
 * What is known about a copy besides its mail: headers of the exchange while it is on its way, kept with it in its queue.
 * Times are milliseconds since 1970 by the relay's
 * {@link io.smtpdup.message.SteadyClock}, as {@code Long}.
 */
public final class CopyConstants {

    /** When the mail was accepted, or the copy queued anew by an operator. Set when a copy without it is queued. */
    public static final String ACCEPTED_AT = "CamelCopyAcceptedAt";

    /** How often the copy was tried, {@code Integer}; absent for never. */
    public static final String ATTEMPTS = "CamelCopyAttempts";

    /** How often nobody knew after a try whether the backup has it; absent for never. */
    public static final String UNKNOWN = "CamelCopyUnknown";

    /** The name under which the relay remembers what the backup said to a copy that could not be put away; mostly absent. */
    public static final String STUCK = "CamelCopyStuck";

    /** When it was tried last; absent for never. */
    public static final String LAST_ATTEMPT_AT = "CamelCopyLastAttemptAt";

    /** What the backup said then, or what stands for its silence, on one line. */
    public static final String LAST_REPLY = "CamelCopyLastReply";

    /** When the queue gives the copy out again; absent for at once. It is not kept: who takes the copy out has waited. */
    public static final String DUE_AT = "CamelCopyDueAt";

    /** When the copy was given up; on dead letters only. */
    public static final String DEAD_AT = "CamelCopyDeadAt";

    /** What is wrong with a copy that is set aside, because it cannot be read or is not what was queued; on no other. */
    public static final String DAMAGE = "CamelCopyDamage";

    /** Where a part of a copy that is split belongs: the name of a queue. It is not kept. */
    public static final String QUEUE = "CamelCopyQueue";

    /** How often the queue has given this copy out, this time included; by the broker. */
    public static final String TAKEN = "JMSXDeliveryCount";

    private CopyConstants() {
    }
}
