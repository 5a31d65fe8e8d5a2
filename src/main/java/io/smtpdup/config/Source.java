package io.smtpdup.config;

import java.util.List;
import java.util.Map;

/**
 * What one place says: the environment, a file, or overrides.
 *
 * @param items the values of our keys; several for a list that came as such, never an empty list
 * @param own the operator's own keys, untouched
 */
record Source(Map<Key, List<Item>> items, Map<String, String> own) {

    static Source empty() {
        return new Source(Map.of(), Map.of());
    }
}
