/** What an operator sees of the running relay: the mail log, health and metrics. */
package io.smtpdup.ops;
