package io.smtpdup.spool;

/**
 * What a queue holds, at one moment.
 *
 * @param messages all of them: those that wait, that are scheduled for later, and that a consumer has
 * @param scheduled those that wait for their time
 * @param delivering those that a consumer has and may still give back
 * @param paused whether the broker gives out none
 * @param consumers of all relays on the broker
 */
public record QueueState(String name, long messages, long scheduled, long delivering, boolean paused, long consumers) {
}
