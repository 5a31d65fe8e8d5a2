package io.smtpdup.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The Helm chart is the manifests with values: rendered by Helm itself, and held against them and against the schemas. */
class HelmChartTest {

    private static final Path CHART = Path.of("deploy/helm/smtp-duplicator");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @TempDir
    private Path directory;

    @Test
    void rendersTheManifestsAsTheyAre() throws IOException {
        String manifests = Files.readString(Path.of("deploy/kubernetes/smtp-duplicator.yaml"));

        assertThat(objects(render("smtp-duplicator", ""))).isEqualTo(objects(manifests));
        assertThat(objects(render("smtp-duplicator", "replicas: 2"))).as("with a value").isNotEqualTo(objects(manifests));
    }

    @Test
    void fitsKubernetesWithEveryValueSet() throws Exception {
        String rendered = render("second", """
                image: {repository: registry.example/relay, tag: v9, pullPolicy: IfNotPresent}
                imagePullSecrets: [registry]
                replicas: 3
                configMaps: {routes: our-routes, properties: our-properties}
                secret: our-secret
                env: [{name: JAVA_OPTS, value: -Xmx512m}]
                service: {type: LoadBalancer, port: 587, externalTrafficPolicy: Local, annotations: {example.com/lb: internal}}
                storage: {size: 100Gi, className: fast}
                resources: {limits: {memory: 1Gi}}
                nodeSelector: {disk: fast}
                tolerations: [{key: mail, operator: Exists}]
                affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
                podDisruptionBudget: {enabled: true, minAvailable: 2}
                networkPolicy: {enabled: true, clients: [192.0.2.0/24], monitoringNamespace: watch, destinationPorts: [26]}
                """);

        for (JsonNode object : objects(rendered).values()) {
            assertThat(ManifestsTest.problem(object)).isEmpty();
            assertThat(object.at("/metadata/name").asText()).startsWith("second");
        }
        assertThat(rendered).contains("registry.example/relay:v9", "IfNotPresent", "name: registry", "replicas: 3", "our-routes",
                "our-properties", "our-secret", "-Xmx512m", "LoadBalancer", "port: 587", "Local", "example.com/lb", "100Gi", "fast",
                "memory: 1Gi", "disk: fast", "key: mail", "podAntiAffinity", "minAvailable: 2", "192.0.2.0/24", "watch", "port: 26")
                .doesNotContain("smtp-duplicator-routes", "port: 465", "cpu: 250m\n              memory: 512Mi\n            limits:\n"
                        + "              memory: 768Mi");
    }

    @Test
    void leavesOutWhatIsTurnedOff() throws IOException {
        String rendered = render("smtp-duplicator", "podDisruptionBudget: {enabled: false}\nnetworkPolicy: {enabled: false}");

        assertThat(objects(rendered).keySet()).containsExactlyInAnyOrder("Service smtp-duplicator", "Service smtp-duplicator-pods",
                "StatefulSet smtp-duplicator");
    }

    @Test
    void refusesValuesThatAreWrong() {
        for (String wrong : List.of("replicas: -1", "replica: 2", "service: {type: Internal}", "networkPolicy: {clients: [everybody]}",
                "storage: {size: much}", "image: {repository: ''}")) {
            assertThatThrownBy(() -> render("smtp-duplicator", wrong)).as(wrong).hasMessageContaining("schema");
        }
    }

    @Test
    void isAChartThatHelmFindsNothingWrongWith() {
        LintResult lint = new Helm(CHART).lint().strict().call();

        assertThat(lint.getMessages()).noneMatch(line -> line.contains("ERROR") || line.contains("WARNING"));
        assertThat(lint.isFailed()).isFalse();
    }

    @Test
    void explainsEachValue() throws IOException {
        JsonNode values = YAML.readTree(CHART.resolve("values.yaml").toFile());
        JsonNode schema = YAML.readTree(CHART.resolve("values.schema.json").toFile());

        assertThat(names(schema.get("properties"))).containsAll(names(values));
        assertThat(YAML.readTree(CHART.resolve("Chart.yaml").toFile()).get("appVersion").asText())
                .as("the image of the manifests").isEqualTo("v0.1.0");
    }

    private String render(String release, String values) throws IOException {
        Path file = Files.writeString(directory.resolve("values.yaml"), values);
        TemplateCommand template = new Helm(CHART).template().withName(release);
        return (values.isEmpty() ? template : template.withValuesFile(file)).call();
    }

    /** By kind and name. */
    private static Map<String, JsonNode> objects(String manifests) throws IOException {
        try (MappingIterator<ObjectNode> objects = YAML.readerFor(ObjectNode.class).readValues(manifests)) {
            return objects.readAll().stream().collect(Collectors.toMap(
                    object -> object.get("kind").asText() + " " + object.at("/metadata/name").asText(), object -> object));
        }
    }

    private static List<String> names(JsonNode object) {
        Stream<String> names = StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false);
        return names.toList();
    }
}
