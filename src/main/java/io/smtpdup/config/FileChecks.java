package io.smtpdup.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Checks that the files the settings name are there and fit together. */
final class FileChecks {

    private final Path workingDirectory;
    private final Map<Key, List<Item>> given;
    private final Map<Key, String> values;
    private final Findings findings;

    FileChecks(Path workingDirectory, Map<Key, List<Item>> given, Map<Key, String> values, Findings findings) {
        this.workingDirectory = workingDirectory;
        this.given = given;
        this.values = values;
        this.findings = findings;
    }

    void run() {
        comeTogether(Key.SMTP_TLS_CERTIFICATE, Key.SMTP_TLS_KEY);
        comeTogether(Key.SMTP_TLS_KEY, Key.SMTP_TLS_CERTIFICATE);
        readable(Key.SMTP_TLS_CERTIFICATE);
        readable(Key.SMTP_TLS_KEY);
        spoolIsNoFile();
        noDirectory(Key.AGREEMENT_EXPECTED);
        noDirectory(Key.AGREEMENT_REPLIES);
    }

    private void noDirectory(Key key) {
        if (values.containsKey(key) && Files.isDirectory(workingDirectory.resolve(values.get(key)))) {
            findings.problem(item(key).problem("this is a directory; must be " + key.allowed()));
        }
    }

    private void comeTogether(Key one, Key other) {
        if (given.containsKey(one) && !given.containsKey(other)) {
            findings.problem(item(one).problem(other.text() + " is not set: must be both or none"));
        }
    }

    private void readable(Key key) {
        if (!values.containsKey(key)) {
            return;
        }
        Path file = workingDirectory.resolve(values.get(key));
        String wrong = !Files.exists(file) ? "there is no such file"
                : Files.isDirectory(file) ? "this is a directory"
                : !Files.isReadable(file) ? "this file cannot be read"
                : "";
        if (!wrong.isEmpty()) {
            findings.problem(item(key).problem(wrong + "; must be " + key.allowed()));
        }
    }

    private void spoolIsNoFile() {
        Key key = Key.SPOOL_DIRECTORY;
        Path directory = workingDirectory.resolve(values.getOrDefault(key, ""));
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            String wrong = "this is a file; must be " + key.allowed();
            findings.problem(given.containsKey(key)
                    ? item(key).problem(wrong)
                    : key.text() + ": \"" + values.get(key) + "\" (default): " + wrong);
        }
    }

    private Item item(Key key) {
        return given.get(key).get(0);
    }
}
