package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.smtpdup.deploy.Exposition;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The alert rules and the dashboard of {@code deploy/monitoring} ask for what a relay really shows, and say what to do. */
class MonitoringTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final Path FILES = Path.of("deploy/monitoring");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Pattern SHOWN_BY_RULES = Pattern.compile("\\$labels\\.(\\w+)");

    private static final Pattern SHOWN_BY_PANELS = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");

    private static final Pattern OFFERED = Pattern.compile("label_values\\((.*), *(\\w+)\\)");

    @Test
    void asksForMetricsAndLabelsThatThereAre(@TempDir Path directory) throws IOException {
        Exposition relay = new Exposition(metrics(directory));

        assertThat(asked().flatMap(query -> relay.missing(query.text(), query.shown()).stream())).isEmpty();
        assertThat(asked()).hasSizeGreaterThan(100);
    }

    @Test
    void noticesWhatThereIsNot() {
        Exposition relay = new Exposition("""
                # TYPE smtpdup_queue_length gauge
                smtpdup_queue_length{destination="a:25",odd="x\\"}y"} 3.0
                smtpdup_spool_usable 1.0
                """);

        assertThat(relay.missing("sum by (job, destination) (smtpdup_queue_length{job=\"j\", destination=~\"$destination\"}) > 4 * 3600",
                Set.of("destination"))).isEmpty();
        assertThat(relay.missing("rate(smtpdup_queue_lenght[5m])", Set.of())).singleElement().asString().contains("lenght");
        assertThat(relay.missing("smtpdup_queue_length{destination=\"b:25\"}", Set.of())).hasSize(1);
        assertThat(relay.missing("smtpdup_queue_length{destination!=\"b:25\", role!=\"x\"}", Set.of())).hasSize(1);
        assertThat(relay.missing("smtpdup_queue_length and on (backup) smtpdup_spool_usable", Set.of())).hasSize(1);
        assertThat(relay.missing("sum by (job) (smtpdup_queue_length)", Set.of("destination"))).hasSize(1);
        assertThat(relay.missing("smtpdup_spool_usable == 0", Set.of("destination"))).hasSize(1);
        assertThat(relay.missing("4 * 3600", Set.of())).hasSize(1);
    }

    @Test
    void saysTheRemedyOfEachAlert() throws IOException {
        String operations = Files.readString(Path.of("docs/operations.md"));

        List<String> names = new ArrayList<>();
        for (JsonNode rule : rules()) {
            String name = rule.get("alert").asText();
            names.add(name);
            assertThat(rule.at("/labels/severity").asText()).as(name).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/summary").asText()).as(name).isNotEmpty();
            assertThat(rule.at("/annotations/description").asText()).as(name).endsWith(".");
            assertThat(rule.at("/annotations/runbook_url").asText()).isEqualTo("docs/operations.md#" + anchor(name));
            assertThat(operations).containsPattern("\n### " + name + "\n\n\\(" + rule.at("/labels/severity").asText()
                    + "\\) (?s:(?!\n#).)*\\*\\*Remedy\\.\\*\\*\\s+\\S");
        }
        assertThat(names).doesNotHaveDuplicates();
        assertThat(Pattern.compile("(?m)^### (SmtpDup\\w+)$").matcher(operations).results().map(found -> found.group(1)))
                .as("alerts that have a section").containsExactlyElementsOf(names);
        assertThat(Pattern.compile("docs/operations\\.md#(smtpdup\\w+)").matcher(Files.readString(FILES.resolve("grafana-dashboard.json")))
                .results().map(found -> found.group(1))).as("sections that the dashboard names")
                .isSubsetOf(names.stream().map(MonitoringTest::anchor).toList());
        assertThat(tested()).as("alerts that the tests fire").containsAll(names);
    }

    @Test
    void isADashboardThatGrafanaCanImport() throws IOException {
        JsonNode dashboard = JSON.readTree(FILES.resolve("grafana-dashboard.json").toFile());
        assertThat(dashboard.has("id")).as("a number of the Grafana that it comes from").isFalse();
        assertThat(dashboard.get("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);

        Set<String> variables = all(dashboard.at("/templating/list")).map(one -> "$" + one.get("name").asText())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(variables).contains("$datasource", "$instance");
        Set<Integer> ids = new TreeSet<>();
        Set<String> cells = new TreeSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            String title = panel.get("title").asText();
            assertThat(ids.add(panel.get("id").asInt())).as("the id of %s", title).isTrue();
            JsonNode place = panel.get("gridPos");
            assertThat(place.get("x").asInt() + place.get("w").asInt()).as(title).isBetween(1, 24);
            for (int x = 0; x < place.get("w").asInt(); x++) {
                for (int y = 0; y < place.get("h").asInt(); y++) {
                    assertThat(cells.add((place.get("x").asInt() + x) + " " + (place.get("y").asInt() + y))).as("%s alone", title).isTrue();
                }
            }
            if (!panel.get("type").asText().equals("row")) {
                assertThat(panel.get("description").asText()).as(title).isNotEmpty();
                assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotEmpty();
                assertThat(panel.at("/fieldConfig/defaults/thresholds/steps").size()).as(title).isPositive();
                assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
                assertThat(panel.get("targets")).as(title).isNotEmpty().allSatisfy(target -> {
                    assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                    assertThat(Pattern.compile("\\$(?!__)\\w+").matcher(target.get("expr").asText()).results().map(found -> found.group()))
                            .isSubsetOf(variables);
                });
            }
        }
    }

    /** A query, and which labels of its result are shown. */
    private record Query(String text, Set<String> shown) {}

    private static Stream<Query> asked() throws IOException {
        List<Query> queries = new ArrayList<>();
        for (JsonNode rule : rules()) {
            queries.add(new Query(rule.get("expr").asText(), found(SHOWN_BY_RULES, rule.get("annotations").toString())));
        }
        JsonNode dashboard = JSON.readTree(FILES.resolve("grafana-dashboard.json").toFile());
        for (JsonNode panel : dashboard.get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(new Query(target.get("expr").asText(),
                        found(SHOWN_BY_PANELS, target.get("legendFormat").asText())));
            }
        }
        all(dashboard.at("/annotations/list")).filter(one -> one.has("expr"))
                .forEach(one -> queries.add(new Query(one.get("expr").asText(), found(SHOWN_BY_PANELS, one.get("titleFormat").asText()))));
        all(dashboard.at("/templating/list")).map(one -> OFFERED.matcher(one.path("query").path("query").asText()))
                .filter(offered -> offered.matches())
                .forEach(offered -> queries.add(new Query(offered.group(1), Set.of(offered.group(2)))));
        return queries.stream();
    }

    private static List<JsonNode> rules() throws IOException {
        return all(yaml("alerts.yml").get("groups")).flatMap(group -> all(group.get("rules"))).toList();
    }

    private static Set<String> tested() throws IOException {
        Function<JsonNode, Stream<JsonNode>> checks = test -> all(test.get("alert_rule_test"));
        return Stream.concat(all(yaml("alerts.test.yml").get("tests")), all(yaml("alerts-days.test.yml").get("tests"))).flatMap(checks)
                .filter(check -> check.get("exp_alerts").size() > 0)
                .map(check -> check.get("alertname").asText()).collect(Collectors.toSet());
    }

    private static JsonNode yaml(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(FILES.resolve(name).toFile());
    }

    private static Stream<JsonNode> all(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(one -> one.group(1)).collect(Collectors.toSet());
    }

    /** As GitHub and others make it of a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT);
    }

    /** What a relay shows that has everything: a certificate, a backup that gets a part of the mails, questions, dead letters. */
    private static String metrics(Path directory) throws IOException {
        TestCertificates.Pem pem = TestCertificates.localhost().writePem(directory);
        ManagementPort port = new ManagementPort();
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2)) {
            relay.set("management.port", String.valueOf(port.number())).set("relay.backup_check_refused", "true")
                    .set("smtp.tls_certificate", pem.certificate().toString()).set("smtp.tls_key", pem.key().toString())
                    .set("relay.destination_backups", relay.backup(1).address() + "," + relay.backup(2).address() + "?only=@d.example");
            relay.start();
            relay.backup(1).on("RCPT").when(line -> line.contains("no-such-mailbox-")).reply("550 5.1.1 No such user here");
            relay.backup(2).on("RCPT").reply("550 5.1.1 No such user here");
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            relay.send("<a@b.example>", List.of("c@e.example"), HELLO, "250");
            relay.backup(1).awaitMessages(2);
            port.post("/recipients/check?backup=" + ManagementPort.encoded(relay.backup(1).address()),
                    "c@d.example\n".getBytes(StandardCharsets.US_ASCII));
            System.gc(); // there is no pause to show before there was one
            for (String last : List.of("smtpdup_copies_dead_total{destination=\"" + relay.backup(2).address() + "\"} 1",
                    "smtpdup_recipients_asked_total{", "jvm_gc_pause_seconds_sum{")) {
                await(last).until(() -> text(port).contains(last));
            }
            return text(port);
        }
    }

    private static String text(ManagementPort port) {
        return new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
    }
}
