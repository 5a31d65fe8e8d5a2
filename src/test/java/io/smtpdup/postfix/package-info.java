/**
 * The relay as its operator meets it: the packaged jar in a process of its own ({@link RelayProcess}), behind Debian's
 * Postfix ({@link PostfixInstance}) that is set up with the very fragments of {@code deploy/postfix}.
 */
package io.smtpdup.postfix;
