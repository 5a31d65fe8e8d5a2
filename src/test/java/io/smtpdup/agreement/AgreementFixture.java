package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Stores in a directory of the test, at the time of the test. */
abstract class AgreementFixture {

    @TempDir
    Path directory;

    final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    final AgreementWatcher watcher = new AgreementWatcher() {

        @Override
        public void newKind(String backup, Report.Difference difference) {
            lines.add("new kind: " + difference.relation() + " " + difference.backup());
        }

        @Override
        public void trouble(String line) {
            lines.add(line);
        }
    };

    final List<Agreement> opened = new ArrayList<>();

    volatile Instant now = Samples.NOON;

    @AfterEach
    void close() {
        opened.forEach(Agreement::close);
    }

    static Report.Backup only(Agreement agreement) {
        Report report = agreement.report(Map.of());
        assertThat(report.backups()).hasSize(1);
        return report.backups().get(0);
    }

    Agreement open(Addresses mode) {
        return open(directory.resolve("agreement"), mode);
    }

    Agreement open(Path place, Addresses mode) {
        Agreement agreement = Agreement.open(new AgreementSettings(place, mode, Duration.ofDays(30), null, null, Thresholds.DEFAULTS,
                ZoneOffset.UTC), time(), steady(), watcher);
        opened.add(agreement);
        return agreement;
    }

    Path copyOf(Path place) throws IOException {
        Path copy = directory.resolve("copy-" + place.getFileName());
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(place.relativize(file).toString()));
            }
        }
        return copy;
    }

    static Path journal(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.getFileName().toString().startsWith("journal.")).findFirst().orElseThrow();
        }
    }

    static String allText(Path place) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return text.toString();
    }

    /** The clock that nobody can set goes as the other one does. */
    Clock steady() {
        return time();
    }

    /** The time of the test. */
    final Clock time() {
        return ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    }
}
