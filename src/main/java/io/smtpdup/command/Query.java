package io.smtpdup.command;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The parameters of a request. */
final class Query {

    private final StringBuilder text = new StringBuilder();

    /** Adds one, unless its value is null. */
    Query with(String name, Object value) {
        if (value != null) {
            text.append(text.isEmpty() ? '?' : '&').append(name).append('=')
                    .append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
        }
        return this;
    }

    Query withAll(String name, Iterable<String> values) {
        values.forEach(value -> with(name, value));
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
