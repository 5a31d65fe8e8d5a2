package io.smtpdup.config;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the {@code SMTP_DUP_} variables. */
final class EnvironmentSource {

    private EnvironmentSource() {
    }

    static Source read(Map<String, String> environment, Findings findings) {
        Map<Key, List<Item>> items = new EnumMap<>(Key.class);
        new TreeMap<>(environment).forEach((name, value) -> {
            if (!name.startsWith(Key.VARIABLE_PREFIX) || value.isBlank()) {
                return;
            }
            Optional<Key> key = Arrays.stream(Key.values()).filter(k -> k.variable().equals(name)).findFirst();
            String text = name.substring(Key.VARIABLE_PREFIX.length()).toLowerCase(Locale.ROOT).replaceFirst("_", ".");
            if (key.isPresent()) {
                items.put(key.get(), List.of(Item.of(key.get().text(), value, name)));
            } else if (Key.DERIVED.contains(text.replaceFirst("_", "."))) {
                findings.problem(name + ": " + Key.DERIVED_PROBLEM);
            } else {
                // Kubernetes gives every container SMTP_DUP_SERVICE_HOST and the like when a service is named smtp-dup.
                findings.warning(name + ": ignored, there is no such setting" + Suggestion.forKey(text));
            }
        });
        return new Source(items, Map.of());
    }
}
