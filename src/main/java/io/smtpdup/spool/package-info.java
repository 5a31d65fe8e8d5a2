/**
 * The spool: durable queues for the copies that wait for a backup, in a broker inside this process or elsewhere. Everything
 * that knows the broker is in here; routes see endpoints like {@code spool:backup.<name>}.
 */
package io.smtpdup.spool;
