package io.smtpdup.config;

/**
 * A key that has another value than before. Passwords are hidden, so that both values may look the same.
 *
 * @param key as in {@code application.properties}
 * @param before empty for none
 * @param now empty for none
 */
public record KeyChange(String key, String before, String now) {
}
