package io.smtpdup.config;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Settings as people may see them: no password, no token, and nothing that could be one.
 *
 * @param values of each key that has one
 * @param own how many keys of the operator's own there are, whose values only the routes know
 */
public record ShownSettings(Map<Key, String> values, int own) {

    static ShownSettings of(Settings settings, Map<Key, String> values, int own) {
        Map<Key, String> shown = new EnumMap<>(Key.class);
        values.forEach((key, value) -> shown.put(key, key.isSecret() ? Mask.HIDDEN : Mask.line(Mask.value(value))));
        shown.put(Key.RELAY_DESTINATION_PRIMARY, settings.primary().toString());
        shown.put(Key.RELAY_DESTINATION_BACKUPS, settings.backups().stream().map(Destination::toString).collect(Collectors.joining(", ")));
        return new ShownSettings(Collections.unmodifiableMap(shown), own);
    }
}
