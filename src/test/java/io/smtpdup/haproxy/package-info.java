/** The relay behind a real HAProxy. */
package io.smtpdup.haproxy;
