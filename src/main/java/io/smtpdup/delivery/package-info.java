/**
 * The producer side: camel-mail's {@code smtp} and {@code smtps} with the envelope and the octets kept as they came,
 * over pooled connections, and one classification of what happened to a mail.
 */
package io.smtpdup.delivery;
