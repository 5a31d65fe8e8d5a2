/** The mail log: what an operator can read of each mail's life. */
package io.smtpdup.ops;
