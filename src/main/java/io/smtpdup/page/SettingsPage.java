package io.smtpdup.page;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.config.ShownSettings;
import io.smtpdup.tools.Reload;

/** What is on the page of the settings in force. */
record SettingsPage(List<String> version, Reading reading, List<Row> rows, long own) {

    private static final int LONGEST_VALUE = 2000;

    /** @param changed whether somebody has set it to something else than the default */
    record Row(String key, String value, boolean changed, String meaning) {
    }

    /**
     * When the files were read.
     *
     * @param possible whether they can be read anew without a restart
     * @param state null where there is nothing to look at
     * @param lines what is wrong with them, or waits for a restart
     */
    record Reading(boolean possible, State state, String text, List<String> lines) {
    }

    static SettingsPage of(Sources sources) {
        Settings settings = sources.settings();
        ShownSettings shown = settings.shown();
        return new SettingsPage(sources.version(), reading(sources.reload()), Arrays.stream(Key.values()).map(key -> {
            String value = shown.values().getOrDefault(key, "");
            return new Row(key.text(), Words.plain(value, LONGEST_VALUE), !value.equals(key.defaultValue().orElse("")), key.meaning());
        }).toList(), shown.own());
    }

    private static Reading reading(Reload reload) {
        Optional<Reload.Latest> latest = reload.latest();
        if (latest.isEmpty()) {
            return new Reading(reload.isPossible(), null, "As they were read when the relay was started.", List.of());
        }
        Reload.Latest last = latest.get();
        String when = Words.agoOnTheWall(last.at()) + " (" + Words.plain(last.reason()) + ")";
        List<String> waiting = last.needsRestart().stream().map(Outcome::needsRestart).toList();
        return !last.problems().isEmpty() ? new Reading(reload.isPossible(), State.bad("refused"), "The latest reload, " + when
                        + ", was refused: what the files said then is not in force.", last.problems())
                : new Reading(reload.isPossible(), waiting.isEmpty() ? null : State.warn("restart"), "Read anew " + when + "."
                        + (waiting.isEmpty() ? "" : " This waits for the relay's next start:"), waiting);
    }
}
