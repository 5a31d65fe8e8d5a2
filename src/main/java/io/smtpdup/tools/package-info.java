/**
 * What an operator does to a running relay: look at what waits where and why, have it tried again, pause a backup, deal with
 * dead letters. {@link io.smtpdup.tools.Steering} does it, {@link io.smtpdup.tools.ToolServer} offers it over HTTP.
 */
package io.smtpdup.tools;
