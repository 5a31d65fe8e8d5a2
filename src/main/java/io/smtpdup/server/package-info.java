/**
 * The {@code smtp-server} component: receives mail by SMTP and hands each one to a Camel route, whose outcome becomes
 * the client's reply. SubEtha SMTP accepts the connections; the dialogue is our own, because a relay must keep what that
 * library throws away.
 */
package io.smtpdup.server;
