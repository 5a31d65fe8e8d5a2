package io.smtpdup.server;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The component in somebody else's application: what it needs of our dependencies, and that its page tells the truth. */
class ComponentAloneTest {

    /** What docs/smtp-server-component.adoc says it needs, and what the example's YAML and file endpoint need. */
    private static final Pattern NEEDED = Pattern.compile("(camel-(api|base|base-engine|core-engine|core-model|core-processor|"
            + "core-reifier|core-languages|core-catalog|support|util|util-json|main|tooling-model|yaml-dsl|yaml-dsl-common|yaml-dsl-deserializers|"
            + "dsl-support|file|cluster|health)-\\d|snakeyaml-engine|jakarta\\.annotation|subethasmtp|netty-(common|buffer|transport|codec|"
            + "codec-haproxy|resolver)-\\d|ipaddress|slf4j-api|jakarta\\.mail|jakarta\\.activation|jakarta\\.annotation|jcip|"
            + "angus|jsr305|guava-mini|xml-(io|jaxb)|camel-xml).*");

    private static final String MESSAGE = "Subject: alone\r\n\r\n.hello\r\n";

    @TempDir
    private Path inbox;

    @Test
    void runsWithLittleMoreThanCamelAndSubEtha() throws Exception {
        int port;
        try (ScriptedSmtpServer free = ScriptedSmtpServer.start()) {
            port = free.port();
        }
        try (URLClassLoader alone = new URLClassLoader(jars(), ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(alone);
            Class<?> type = alone.loadClass("org.apache.camel.main.Main");
            Object main = type.getConstructor().newInstance();
            set(main, "camel.main.routesIncludePattern", "file:examples/component/inbox.camel.yaml");
            set(main, "inbox.port", String.valueOf(port));
            set(main, "inbox.directory", inbox.toString());
            type.getMethod("start").invoke(main);

            try (SmtpDialogue client = SmtpDialogue.connect(port)) {
                client.expect("220");
                client.say("EHLO client.example", "250");
                client.say("MAIL FROM:<a@example.com>", "250");
                client.say("RCPT TO:<b@example.com>", "250");
                client.data(MESSAGE.getBytes(StandardCharsets.UTF_8));
                client.expect("250");
            } finally {
                type.getMethod("stop").invoke(main);
            }
        } finally {
            Thread.currentThread().setContextClassLoader(ComponentAloneTest.class.getClassLoader());
        }

        try (Stream<Path> files = Files.list(inbox)) {
            assertThat(Files.readString(files.toList().get(0))).startsWith("Received: ").endsWith(MESSAGE);
        }
    }

    @Test
    void itsPageHasEveryOptionAndHeader() throws IOException {
        String page = Files.readString(Path.of("docs/smtp-server-component.adoc"));
        JsonNode catalog = new ObjectMapper().readTree(
                Path.of("src/generated/resources/META-INF/io/smtpdup/server/smtp-server.json").toFile());

        for (String group : List.of("componentProperties", "properties")) {
            catalog.get(group).fields().forEachRemaining(option -> assertThat(page).contains(row(option.getKey(), option.getValue())));
        }
        catalog.get("headers").fields().forEachRemaining(
                header -> assertThat(page).contains("| *" + header.getKey() + "* | " + description(header.getValue()) + " | "));
    }

    private static String row(String name, JsonNode option) {
        return "| *" + name + "* | " + description(option) + " | " + option.path("defaultValue").asText("") + " | "
                + option.get("type").asText() + "\n";
    }

    private static String description(JsonNode option) {
        return option.get("description").asText().replace("|", "\\|");
    }

    private static void set(Object main, String key, String value) throws ReflectiveOperationException {
        main.getClass().getMethod("addInitialProperty", String.class, String.class).invoke(main, key, value);
    }

    private static URL[] jars() throws IOException {
        List<URL> jars = new ArrayList<>();
        jars.add(Path.of("target/classes").toUri().toURL());
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            if (NEEDED.matcher(Path.of(entry).getFileName().toString()).matches()) {
                jars.add(Path.of(entry).toUri().toURL());
            }
        }
        return jars.toArray(URL[]::new);
    }
}
