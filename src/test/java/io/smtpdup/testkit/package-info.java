/**
 * The people a test needs around the relay: a server that does as it is told ({@link ScriptedSmtpServer}), a client
 * that talks like a person at telnet ({@link SmtpDialogue}), certificates and nasty messages. All of it speaks real
 * SMTP over real sockets on 127.0.0.1 and knows nothing of the relay's own classes, so that it cannot share their
 * mistakes.
 */
package io.smtpdup.testkit;
