/** What lies in {@code deploy/}, looked at against public schemas where it cannot be run. */
package io.smtpdup.deploy;
