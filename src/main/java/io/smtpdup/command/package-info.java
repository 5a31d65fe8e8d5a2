/**
 * The commands of the jar that ask or steer a running relay, {@code queue}, {@code retry}, {@code dead} and so on. They know
 * nothing of the spool: everything goes over the relay's management port, as in {@code docs/management.md}.
 */
package io.smtpdup.command;
