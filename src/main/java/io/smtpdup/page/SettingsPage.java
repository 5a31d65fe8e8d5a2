package io.smtpdup.page;

import java.util.Arrays;
import java.util.List;

import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.config.ShownSettings;

/** What is on the page of the settings in force. */
record SettingsPage(List<String> version, List<Row> rows, long own) {

    /** @param changed whether somebody has set it to something else than the default */
    record Row(String key, String value, boolean changed, String meaning) {
    }

    static SettingsPage of(Sources sources) {
        Settings settings = sources.settings();
        ShownSettings shown = settings.shown();
        return new SettingsPage(sources.version(), Arrays.stream(Key.values()).map(key -> {
            String value = shown.values().getOrDefault(key, "");
            return new Row(key.text(), Words.plain(value, 2000), !value.equals(key.defaultValue().orElse("")), key.meaning());
        }).toList(), shown.own());
    }
}
