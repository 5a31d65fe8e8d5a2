package io.smtpdup.tools;

import java.util.List;

import io.smtpdup.config.KeyChange;

/**
 * What a reload came to. When there are problems nothing has changed, and the rest of it is empty.
 *
 * @param reloaded whether what the files say now is in force, but for {@code needsRestart}
 * @param problems why it is not, a line each, as {@code --check} says them
 * @param changed keys that have another value than before
 * @param backups what became of the list of backups
 * @param routes names of the files in {@code routes/} that were added, removed or changed
 * @param certificate whether the files of {@code smtp.tls_certificate} and {@code smtp.tls_key} have changed
 * @param needsRestart keys whose new value comes into force at the next start
 */
public record ReloadResult(boolean reloaded, List<String> problems, List<KeyChange> changed, BackupChanges backups,
        List<String> routes, boolean certificate, List<KeyChange> needsRestart) {

    /** Backups by {@code host:port}; a changed one has other options than before. */
    public record BackupChanges(List<String> added, List<String> removed, List<String> changed) {

        static final BackupChanges NONE = new BackupChanges(List.of(), List.of(), List.of());
    }

    public ReloadResult {
        problems = List.copyOf(problems);
        changed = List.copyOf(changed);
        routes = List.copyOf(routes);
        needsRestart = List.copyOf(needsRestart);
    }

    /** Nothing was done. */
    public static ReloadResult refused(List<String> problems) {
        return new ReloadResult(false, problems, List.of(), BackupChanges.NONE, List.of(), false, List.of());
    }
}
