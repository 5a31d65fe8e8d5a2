package io.smtpdup.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** What is different between two sets of settings, as an operator may see it. */
public final class SettingsChanges {

    private SettingsChanges() {
    }

    /** Keys that others had with another value; passwords are hidden. */
    public static List<KeyChange> between(Settings before, Settings now) {
        List<KeyChange> changes = new ArrayList<>();
        for (Key key : Key.values()) {
            if (!before.value(key).equals(now.value(key))) {
                changes.add(new KeyChange(key.text(), shown(key, before), shown(key, now)));
            }
        }
        // Keys of the operator's own may be anything, also passwords.
        Map<String, String> earlier = before.own();
        Map<String, String> later = now.own();
        TreeSet<String> names = new TreeSet<>(earlier.keySet());
        names.addAll(later.keySet());
        names.stream().filter(name -> !Objects.equals(earlier.get(name), later.get(name))).forEach(name -> changes.add(
                new KeyChange(name, hidden(earlier.get(name)), hidden(later.get(name)))));
        return changes;
    }

    /** What is wanted, but for keys that need a restart, which are as they are in what runs. */
    static Map<Key, String> merged(Map<Key, String> wanted, Map<Key, String> running) {
        Map<Key, String> merged = new EnumMap<>(Key.class);
        for (Key key : Key.values()) {
            String value = (key.needsRestart() ? running : wanted).get(key);
            if (value != null) {
                merged.put(key, value);
            }
        }
        return merged;
    }

    private static String shown(Key key, Settings settings) {
        return settings.value(key).map(value -> key.isSecret() ? Mask.HIDDEN : Mask.line(key.isDestination() ? Mask.value(value) : value))
                .orElse("");
    }

    private static String hidden(String value) {
        return value == null ? "" : Mask.HIDDEN;
    }
}
