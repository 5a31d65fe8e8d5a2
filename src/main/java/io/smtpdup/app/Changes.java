package io.smtpdup.app;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.smtpdup.config.Destination;
import io.smtpdup.config.KeyChange;
import io.smtpdup.config.Settings;
import io.smtpdup.config.SettingsChanges;
import io.smtpdup.tools.ReloadResult;
import io.smtpdup.tools.ReloadResult.BackupChanges;

/** What is different between two generations, for an operator. */
final class Changes {

    private Changes() {
    }

    /** @param read what the files say, which may be more than can be in force before the next start */
    static ReloadResult between(Generation before, Generation now, Settings read) {
        List<KeyChange> changed = SettingsChanges.between(before.settings(), now.settings());
        return new ReloadResult(true, List.of(), changed, backups(before.settings(), now.settings()),
                now.files().routesChangedSince(before.files()), !now.files().certificate().equals(before.files().certificate()),
                SettingsChanges.between(now.settings(), read));
    }

    private static BackupChanges backups(Settings before, Settings now) {
        Map<String, Destination> earlier = byAddress(before);
        Map<String, Destination> later = byAddress(now);
        return new BackupChanges(
                later.keySet().stream().filter(address -> !earlier.containsKey(address)).toList(),
                earlier.keySet().stream().filter(address -> !later.containsKey(address)).toList(),
                later.entrySet().stream().filter(one -> earlier.containsKey(one.getKey())
                        && !earlier.get(one.getKey()).equals(one.getValue())).map(Map.Entry::getKey).toList());
    }

    private static Map<String, Destination> byAddress(Settings settings) {
        Map<String, Destination> all = new TreeMap<>();
        settings.backups().forEach(backup -> all.put(backup.address(), backup));
        return all;
    }
}
