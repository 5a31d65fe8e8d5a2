/**
 * What the operator decided: reads it from the environment, {@code application.properties} and gosmtp-dup's
 * {@code config.yaml}, checks all of it before the first socket opens, and hands it on as typed, immutable
 * {@link io.smtpdup.config.Settings}. A wrong value stops the start with one line that says where it stands and what is
 * allowed; nothing outside this package parses a setting again.
 */
package io.smtpdup.config;
