package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import org.apache.camel.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The route files that operators get: each loads, and settings and routes know the same names. */
class RoutesTest {

    private static final Path ROUTES = Path.of("routes");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([^}]+)}}");

    private static final Set<String> TEMPLATE_PARAMETERS = Set.of("name", "address");

    @TempDir
    private Path directory;

    @Test
    void namesNoPropertyThatIsNotDefined() throws IOException {
        Set<String> defined = new TreeSet<>(TEMPLATE_PARAMETERS);
        Arrays.stream(Key.values()).map(Key::text).forEach(defined::add);

        assertThat(placeholders()).isSubsetOf(defined);
    }

    @Test
    void areAllPartOfATraining() throws IOException {
        try (Stream<Path> files = Files.list(ROUTES)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(Training.ROUTES);
        }
    }

    @Test
    void loadsEveryFileWithoutListening() {
        Settings settings = Settings.load(directory, Map.of(), Map.of(
                "relay.destination_primary", "smtps://user:secret@mail_old.example.com",
                "relay.destination_backups", "mail_new.example.com:25,[2001:db8::1]:2525,u:p%40ss@third.example?tls=required"));

        try (Relay relay = new Relay(Path.of(""), settings, false)) {
            relay.start();

            assertThat(relay.context().getRoutes()).extracting("id").contains("relay", "copies").hasSize(5);
            assertThat(relay.context().getEndpoints()).extracting(Endpoint::getEndpointUri)
                    .anyMatch(uri -> uri.contains("smtp://mail_new.example.com:25"))
                    .anyMatch(uri -> uri.contains("%5B2001:db8::1%5D:2525"))
                    .noneMatch(uri -> uri.contains("secret") || uri.contains("{{"));
        }
    }

    private static Set<String> placeholders() throws IOException {
        return files().stream().flatMap(RoutesTest::placeholders).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> placeholders(Path file) {
        try {
            return PLACEHOLDER.matcher(Files.readString(file)).results().map(found -> found.group(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(ROUTES)) {
            return files.sorted().toList();
        }
    }
}
