/**
 * The program: its command line, and the one place where settings, components and the operator's routes become a running
 * relay.
 */
package io.smtpdup.app;
