package io.smtpdup.config;

/** How a log line looks. */
public enum LogFormat {

    /** For eyes. */
    TEXT,
    /** One JSON object a line, for log collectors. */
    JSON
}
