package io.smtpdup.app;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The tarball, unpacked and called as an operator does. */
class DistributionIT {

    private static final Path TARBALL = Path.of(System.getProperty("smtpdup.distribution")).toAbsolutePath();

    private static final Map<String, String> PRIMARY = Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "mail.example.com:25");

    private static final Result FINE = new Result(0, "settings and routes are valid\n");

    @TempDir
    private Path place;

    /** Where it is unpacked. */
    private Path home;

    /** Where the operator is. */
    private Path here;

    /** What a call printed, both streams, and how it ended. */
    private record Result(int status, String output) {
    }

    @BeforeEach
    void unpack() throws Exception {
        Path directory = Files.createDirectory(place.resolve("some where"));
        here = Files.createDirectory(place.resolve("here"));
        assertThat(run(Map.of(), "tar", "-xzf", TARBALL.toString(), "-C", directory.toString())).isEqualTo(new Result(0, ""));
        try (Stream<Path> unpacked = Files.list(directory)) {
            home = unpacked.toList().get(0);
        }
    }

    @Test
    void hasWhatAnOperatorNeeds() {
        assertThat(home.getFileName().toString()).startsWith("smtp-duplicator-");
        assertThat(Stream.of("bin/smtp-duplicator", "smtp-duplicator.jar", "lib", "routes/10-relay.camel.yaml",
                "routes/20-copies.camel.yaml", "routes/30-backup.camel.yaml", "routes/40-undelivered.camel.yaml", "routes/50-questions.camel.yaml",
                "application.properties", "README.md",
                "CHANGELOG.md", "LICENSE", "THIRD-PARTY.txt", "SECURITY.md", "docs/configuration.md", "docs/operations.md",
                "deploy/postfix/README.md"))
                .allMatch(name -> Files.exists(home.resolve(name)));
        assertThat(home.resolve("bin/smtp-duplicator")).isExecutable();
        assertThat(home.resolve("README.md")).hasSameTextualContentAs(Path.of("src/dist/README.md"));
        assertThat(home.resolve("application.properties")).hasSameBinaryContentAs(Path.of("application.properties"));
    }

    @Test
    void namesTheLicenceOfEveryLibrary() throws IOException {
        List<String> named = Files.readAllLines(home.resolve("THIRD-PARTY.txt")).stream()
                .filter(line -> line.matches("\\S+ \\S+ \\(\\S+\\) \\| \\S.* \\| .*"))
                .map(line -> line.split(" ")[0] + "-" + line.split(" ")[1]).toList();

        try (Stream<Path> libraries = Files.list(home.resolve("lib"))) {
            assertThat(libraries.map(jar -> jar.getFileName().toString()))
                    .isNotEmpty().allMatch(jar -> named.stream().anyMatch(jar::startsWith));
        }
    }

    @Test
    void runsItsOwnRoutesWhenTheDirectoryHasNone() throws Exception {
        edit(home, "recipientCheck:", "recipientChekc:");

        assertThat(run(PRIMARY, program(), "--check").output()).contains("recipientChekc");
    }

    @Test
    void runsTheRoutesOfTheDirectoryItIsCalledIn() throws Exception {
        copyRoutes(here);
        edit(here, "recipientCheck:", "recipientChekc:");

        assertThat(run(PRIMARY, program(), "--check").output()).contains("recipientChekc");
    }

    @Test
    void mixesNoSettingsOfOneDirectoryWithRoutesOfAnother() throws Exception {
        Files.writeString(here.resolve("application.properties"), "relay.destination_primary=mail.example.com:25\n");

        Result result = run(Map.of(), program(), "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("no directory " + here.resolve("routes"));
    }

    @Test
    void runsItsOwnRoutesWhereThereIsOnlyAConfigYaml() throws Exception {
        Files.writeString(here.resolve("config.yaml"), "relay:\n  destination_primary: mail.example.com:25\n");

        assertThat(run(Map.of(), program(), "--check")).isEqualTo(FINE);
    }

    @Test
    void runsTheRoutesOfTheDirectoryThatIsNamed() throws Exception {
        Path named = Files.createDirectory(place.resolve("named"));
        copyRoutes(named);
        edit(named, "recipientCheck:", "recipientChekc:");
        Files.writeString(named.resolve("application.properties"), "relay.destination_primary=mail.example.com:25\n");

        assertThat(run(Map.of("SMTP_DUP_DIRECTORY", "../named"), program(), "--check").output()).contains("recipientChekc");
    }

    @Test
    void worksThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(place.resolve("relative"), Path.of("some where", home.getFileName().toString(), "bin",
                "smtp-duplicator"));
        Path again = Files.createSymbolicLink(here.resolve("smtp-duplicator"), link);

        assertThat(run(PRIMARY, "./" + here.relativize(again), "--check")).isEqualTo(FINE);
    }

    @Test
    void takesTheJarsOfTheOperator() throws Exception {
        copyRoutes(here);
        Path jar = Files.createDirectory(home.resolve("ext")).resolve("own.jar");
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry("META-INF/services/org/apache/camel/component/own"));
            out.write("class=org.apache.camel.component.direct.DirectComponent\n".getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(here.resolve("routes/40-own.camel.yaml"), """
                - route:
                    from:
                      uri: own:mails
                      steps:
                        - to: log:own
                """);

        assertThat(run(PRIMARY, program(), "--check")).isEqualTo(FINE);
    }

    @Test
    void handsOnOptionsForJava() throws Exception {
        assertThat(run(Map.of("JAVA_OPTS", "-Xmx200m -XX:+PrintFlagsFinal"), program(), "--version").output())
                .containsPattern("size_t MaxHeapSize +:?= 209715200 ");
    }

    @Test
    void leavesCollectorAndHeapToTheOperator() throws Exception {
        assertThat(run(Map.of("JAVA_OPTS", "-XX:+PrintFlagsFinal"), program(), "--version").output())
                .containsPattern("bool UseSerialGC +:?= true ").containsPattern("size_t MaxHeapSize +:?= 268435456 ");
        assertThat(run(Map.of("JAVA_OPTS", "-XX:+UseParallelGC -XX:MaxRAMPercentage=10 -XX:+PrintFlagsFinal"), program(), "--version"))
                .satisfies(result -> assertThat(result.status()).isZero()).extracting(Result::output).asString()
                .containsPattern("bool UseParallelGC +:?= true ").containsPattern("double MaxRAMPercentage +:?= 10");
    }

    @Test
    void makesAnArchiveThatItUsesUntilAJarIsAnother() throws Exception {
        home = Files.move(home, place.resolve("home")); // a space in it is more than Java 17's archives can do
        // What the operator has made of the routes has no part in it: mails of a training must go nowhere else.
        edit(home, "recipientCheck:", "recipientChekc:");
        Result made = run(Map.of("JAVA_OPTS", "-Dsmtpdup.training.mails=20"), program(), "--archive");
        assertThat(made.status()).as(made.output()).isZero();
        try (Stream<Path> archives = Files.list(home.resolve("archive"))) {
            assertThat(archives).hasSize(1).allMatch(archive -> archive.getFileName().toString().contains(Runtime.version().toString()));
        }
        Map<String, String> seeing = Map.of("JAVA_OPTS", "-Xlog:class+load");
        String shared = "io.smtpdup.app.SmtpDuplicator source: shared objects file";
        assertThat(run(seeing, program(), "--version").output()).contains(shared);

        Path jar = home.resolve("smtp-duplicator.jar");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(Files.getLastModifiedTime(jar).toMillis() + 10_000));

        assertThat(run(seeing, program(), "--version").output()).contains("io.smtpdup.app.SmtpDuplicator source:").doesNotContain(shared);
        assertThat(run(Map.of(), program(), "--version").output()).hasLineCount(2);
    }

    @Test
    void doesNotUseAnArchiveThatWasCutShort() throws Exception {
        home = Files.move(home, place.resolve("home"));
        assertThat(run(Map.of("JAVA_OPTS", "-Dsmtpdup.training.mails=1"), program(), "--archive").status()).isZero();
        try (Stream<Path> archives = Files.list(home.resolve("archive"));
                FileChannel archive = FileChannel.open(archives.findAny().orElseThrow(), StandardOpenOption.WRITE)) {
            archive.truncate(archive.size() / 2);
        }

        Result result = run(Map.of("JAVA_OPTS", "-Xlog:class+load"), program(), "--version");

        assertThat(result.status()).isZero();
        assertThat(result.output()).contains("io.smtpdup.app.SmtpDuplicator source:")
                .doesNotContain("io.smtpdup.app.SmtpDuplicator source: shared objects file");
    }

    @Test
    void saysThatThereIsNoJava() throws Exception {
        Result result = run(Map.of("JAVA_HOME", "/nowhere"), program(), "--version");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("/nowhere/bin/java", "JAVA_HOME").hasLineCount(1);
    }

    private String program() {
        return home.resolve("bin/smtp-duplicator").toString();
    }

    private void copyRoutes(Path directory) throws IOException {
        Files.createDirectory(directory.resolve("routes"));
        try (Stream<Path> files = Files.list(home.resolve("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve("routes").resolve(file.getFileName()));
            }
        }
    }

    private static void edit(Path directory, String old, String replacement) throws IOException {
        Path file = directory.resolve("routes/10-relay.camel.yaml");
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, replacement));
    }

    private Result run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(command)).directory(here.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("SMTP_DUP_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }
}
