package io.smtpdup.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.smtpdup.config.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The manifests for Kubernetes and Camel K fit the schemas of both, which come with their Java clients. */
class ManifestsTest {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Which class of the client checks an object. */
    private static final Map<String, String> MODELS = Map.of(
            "v1/Service", "V1Service",
            "v1/PersistentVolumeClaim", "V1PersistentVolumeClaim",
            "apps/v1/StatefulSet", "V1StatefulSet",
            "policy/v1/PodDisruptionBudget", "V1PodDisruptionBudget",
            "networking.k8s.io/v1/NetworkPolicy", "V1NetworkPolicy");

    private static final Path INTEGRATION = Path.of("deploy/camel-k/integration.yaml");

    @ParameterizedTest
    @MethodSource("kubernetesObjects")
    void fitKubernetes(ObjectNode object) throws Exception {
        assertThat(problem(object)).isEmpty();

        ((ObjectNode) object.get("spec")).put("replicass", 1);
        assertThat(problem(object)).contains("replicass");
    }

    @Test
    void fitCamelK() throws IOException {
        JsonNode integration = YAML.readTree(INTEGRATION.toFile());

        assertThat(problems(integration)).isEmpty();

        ((ObjectNode) integration.at("/spec/traits/container")).put("imagee", "x");
        assertThat(problems(integration)).singleElement().asString().contains("imagee");
    }

    @Test
    void nameOnlySettingsThatThereAre() throws IOException {
        Set<String> known = Arrays.stream(Key.values()).map(Key::variable).collect(Collectors.toSet());
        known.addAll(List.of("SMTP_DUP_DIRECTORY", "SMTP_DUP_SERVICE_HOST")); // the launcher's, and an example of a stranger
        List<Path> files = new ArrayList<>(List.of(Path.of("compose.yaml"), Path.of("Dockerfile"), Path.of("README.md")));
        for (String directory : List.of("deploy", "docs", "src/dist/bin")) {
            try (Stream<Path> below = Files.walk(Path.of(directory))) {
                below.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        for (Path file : files) {
            assertThat(Pattern.compile("\\bSMTP_DUP_[A-Z_]*[A-Z]\\b").matcher(Files.readString(file)).results()
                    .map(match -> match.group())).as(file.toString()).isSubsetOf(known);
        }
    }

    /** What stands in the environment wins over the mounted application.properties, so only what somebody has set may stand there. */
    @Test
    void leaveToApplicationPropertiesWhatNobodyHasSet() throws IOException {
        JsonNode relay = YAML.readTree(Path.of("compose.yaml").toFile()).at("/services/relay/environment");
        relay.fields().forEachRemaining(variable -> assertThat(variable.getValue().asText())
                .isEqualTo("${" + variable.getKey() + ":-}"));

        for (String file : List.of("kubernetes/smtp-duplicator.yaml", "camel-k/integration.yaml")) {
            assertThat(Files.readString(Path.of("deploy", file))).contains("SMTP_DUP_MANAGEMENT_HOST")
                    .doesNotContain("name: SMTP_DUP_SMTP_", "name: SMTP_DUP_LOG_", "name: SMTP_DUP_RELAY_");
        }
    }

    @Test
    void runTheSameImage() throws IOException {
        List<String> images = Stream.concat(kubernetesObjects().map(object -> object.at("/spec/template/spec/containers/0/image")),
                Stream.of(YAML.readTree(INTEGRATION.toFile()).at("/spec/traits/container/image")))
                .map(JsonNode::asText).filter(image -> !image.isEmpty()).distinct().toList();

        assertThat(images).hasSize(1);
    }

    static Stream<ObjectNode> kubernetesObjects() throws IOException {
        List<ObjectNode> objects = new ArrayList<>();
        for (String file : List.of("kubernetes/smtp-duplicator.yaml", "camel-k/spool-and-service.yaml")) {
            YAML.readerFor(ObjectNode.class).<ObjectNode>readValues(Path.of("deploy", file).toFile()).forEachRemaining(objects::add);
        }
        return objects.stream();
    }

    /** What the client's model says of an object; empty when it is fine. */
    static String problem(JsonNode object) throws ReflectiveOperationException {
        String model = MODELS.get(object.get("apiVersion").asText() + "/" + object.get("kind").asText());
        assertThat(model).as("a model for %s", object.get("kind")).isNotNull();
        JsonElement json = JsonParser.parseString(object.toString());
        try {
            Class.forName("io.kubernetes.client.openapi.models." + model).getMethod("validateJsonElement", JsonElement.class)
                    .invoke(null, json);
            return "";
        } catch (InvocationTargetException e) {
            return e.getCause().getMessage();
        }
    }

    private static List<String> problems(JsonNode integration) throws IOException {
        try (InputStream definition = ManifestsTest.class.getResourceAsStream("/camel.apache.org_integrations.yaml")) {
            for (JsonNode version : YAML.readTree(definition).at("/spec/versions")) {
                if (integration.get("apiVersion").asText().endsWith("/" + version.get("name").asText())) {
                    JsonNode schema = strict(version.at("/schema/openAPIV3Schema"));
                    return JsonSchemaFactory.getInstance(VersionFlag.V4).getSchema(schema).validate(integration).stream()
                            .map(ValidationMessage::getMessage).toList();
                }
            }
        }
        throw new AssertionError("no such version");
    }

    /** A cluster drops fields it does not know without a word; here they count as wrong. */
    private static JsonNode strict(JsonNode schema) {
        for (JsonNode child : schema) {
            strict(child);
        }
        if (schema instanceof ObjectNode object && object.path("type").asText().equals("object")
                && object.path("properties").isObject() && !object.has("additionalProperties")
                && !object.has("x-kubernetes-preserve-unknown-fields")) {
            object.put("additionalProperties", false);
        }
        return schema;
    }
}
