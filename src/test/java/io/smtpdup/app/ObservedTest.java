package io.smtpdup.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What an operator can see of mails and of the servers they are for. */
class ObservedTest {

    private static final byte[] HELLO = "Subject: hello\r\nMessage-ID: <one@b.example>\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final Logger mail = (Logger) LoggerFactory.getLogger("mail");

    private RelayUnderTest relay;

    private int port;

    @BeforeEach
    void start() throws IOException {
        log.start();
        mail.addAppender(log);
        mail.setLevel(ch.qos.logback.classic.Level.INFO);
        port = FreePort.find();
        relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port)).start();
    }

    @AfterEach
    void stop() {
        mail.detachAppender(log);
        mail.setLevel(null);
        relay.close();
    }

    @Test
    void tellsOneMailsLifeInOrder() {
        relay.send("<a@b.example>", List.of("c@d.example", "e@d.example"), HELLO, "250");
        relay.backup(1).awaitMessages(1);
        await().until(() -> events("delivered").size() == 2);

        assertThat(log.list).extracting(ILoggingEvent::getMessage).startsWith("accepted", "delivered");
        assertThat(events("accepted").get(0)).containsEntry("message_id", "<one@b.example>").containsEntry("from", "a@b.example")
                .containsEntry("to", List.of("c@d.example", "e@d.example"));
        Map<String, Object> primary = events("delivered").get(0);
        Map<String, Object> backup = events("delivered").get(1);
        assertThat(primary).containsEntry("role", "primary").containsEntry("destination", relay.primary().address());
        assertThat(backup).containsEntry("role", "backup").containsEntry("attempts", 1).containsEntry("nrcpt", 2)
                .containsEntry("id", primary.get("id")).containsKeys("delay", "size", "to", "reply");
    }

    @Test
    void showsAPrimaryThatIsDownWhereverOneLooks() throws Exception {
        relay.primary().down();

        for (int i = 0; i < 3; i++) {
            try (SmtpDialogue client = relay.client()) {
                client.say("MAIL FROM:<a@b.example>", "451 4.4.1");
            }
        }

        assertThat(events("refused")).hasSize(3).allSatisfy(line -> assertThat(line)
                .containsEntry("destination", relay.primary().address()).containsEntry("role", "primary")
                .containsEntry("from", "a@b.example").containsKey("id")
                .hasEntrySatisfying("cause", cause -> assertThat(cause.toString()).contains("Connection refused")));
        assertThat(events("away")).singleElement().satisfies(line -> assertThat(line).containsEntry("role", "primary"));
        assertThat(metric("smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"deferred\"}")).isEqualTo(3);
        assertThat(metric("smtpdup_destination_up{destination=\"" + relay.primary().address() + "\",role=\"primary\"}")).isZero();
        assertThat(get("/observe/health").statusCode()).isEqualTo(503);
        assertThat(get("/observe/health").body()).contains("the primary " + relay.primary().address() + " is away", "Connection refused");
        assertThat(get("/observe/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);

        relay.primary().up();
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

        assertThat(events("back")).singleElement().satisfies(line -> assertThat(line).containsKey("seconds"));
        assertThat(metric("smtpdup_destination_up{destination=\"" + relay.primary().address() + "\",role=\"primary\"}")).isEqualTo(1);
    }

    @Test
    void countsWhatThePrimaryRefusesAtMailAndAtRcpt() throws Exception {
        relay.primary().on("MAIL").once().reply("550 5.7.1 not you");
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "550 5.7.1");
        }
        relay.primary().on("RCPT").once().reply("450 4.2.1 later");
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example>", "450 4.2.1");
            client.say("QUIT", "221");
        }

        String counter = "smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"";
        await().untilAsserted(() -> {
            assertThat(metric(counter + "failed\"}")).isEqualTo(1);
            assertThat(metric(counter + "deferred\"}")).isEqualTo(1);
        });
        assertThat(events("away")).isEmpty();
        assertThat(events("recipient-rejected")).singleElement().satisfies(line -> assertThat(line)
                .containsEntry("destination", relay.primary().address()).containsEntry("role", "primary"));
    }

    @Test
    void countsWhatThePrimaryRefusesAtDataAndSaysWho() throws Exception {
        CountDownLatch contentSent = new CountDownLatch(1);
        relay.primary().on("DATA").once().waitFor(contentSent).reply("550 5.7.1 not this");
        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA");
            client.expect("250");
            client.expect("250");
            client.expect("354");
            client.message(HELLO);
            contentSent.countDown();
            client.expect("550 5.7.1");
        }

        assertThat(metric("smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"failed\"}")).isEqualTo(1);
        assertThat(events("failed")).singleElement().satisfies(line -> assertThat(line)
                .containsEntry("destination", relay.primary().address()).containsEntry("role", "primary"));
        assertThat(events("rejected")).singleElement().satisfies(line -> assertThat(line).containsKeys("id", "from")
                .hasEntrySatisfying("cause", cause -> assertThat(cause.toString()).startsWith(relay.primary().address() + " refused DATA")));
    }

    @Test
    void countsAPrimaryThatLeavesBetweenTwoRecipientsOnce() throws Exception {
        relay.primary().on("RCPT").when(line -> line.contains("two@")).reply("421 4.3.2 going down");
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<one@d.example>", "250");
            client.say("RCPT TO:<two@d.example>", "421 4.3.2");
        }

        assertThat(metric("smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"deferred\"}")).isEqualTo(1);
        assertThat(events("recipient-rejected")).singleElement().satisfies(line -> assertThat(line).containsKeys("cause", "role"));
        assertThat(events("away")).hasSize(1);
    }

    @Test
    void saysOnceThatABackupIsAwayAndBack() {
        relay.backup(1).down();
        for (int i = 0; i < 5; i++) {
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        }
        await().until(() -> !events("away").isEmpty());
        relay.backup(1).up();
        relay.backup(1).awaitMessages(5);

        await().until(() -> !events("back").isEmpty());
        assertThat(events("away")).singleElement().satisfies(line -> assertThat(line)
                .containsEntry("destination", relay.backup(1).address()).containsEntry("role", "backup"));
    }

    @Test
    void tellsAPartialDeliveryFromADeferral() {
        relay.backup(1).on("RCPT").when(line -> line.contains("nobody@")).reply("550 5.1.1 no such user");

        relay.send("<a@b.example>", List.of("c@d.example", "nobody@d.example"), HELLO, "250");

        await().until(() -> events("dead-lettered").size() == 1);
        assertThat(events("partial")).singleElement().satisfies(line -> assertThat(line).containsEntry("role", "backup"));
        assertThat(events("deferred")).isEmpty();
        assertThat(events("dead-lettered").get(0)).containsEntry("to", List.of("nobody@d.example"));
    }

    @Test
    void explainsEveryMetricInItselfAndInTheManual() throws Exception {
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        String page = get("/observe/metrics").body();
        String manual = Files.readString(Path.of("docs/operations.md"));

        List<String> names = Pattern.compile("(?m)^# TYPE (smtpdup_\\S+)").matcher(page).results().map(found -> found.group(1)).toList();
        assertThat(names).hasSizeGreaterThan(14).allSatisfy(name -> {
            assertThat(page).containsPattern("(?m)^# HELP " + name + " \\S+");
            assertThat(manual).contains("`" + name.replaceFirst("_max$", ""));
        });
        assertThat(page).contains("jvm_memory_used_bytes", "process_uptime_seconds", "process_files_open_files", "smtpdup_spool_free_bytes",
                "smtpdup_delivery_duration_seconds_bucket{destination=\"" + relay.primary().address() + "\",role=\"primary\",stage=\"envelope\"");
    }

    @Test
    void countsWhatEachRouteDoes() throws Exception {
        relay.primary().on("DOT").once().reply("450 4.2.0 later");
        relay.backup(1).on("DOT").once().reply("550 5.7.1 not this");
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "450");
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        await().until(() -> !events("dead-lettered").isEmpty());

        String backup = "backup." + relay.backup(1).address().replace(':', '-');
        await().untilAsserted(() -> assertThat(get("/observe/metrics").body()).contains(
                exchanges("total", "relay", 2), exchanges("failed", "relay", 1), exchanges("succeeded", "relay", 1),
                exchanges("total", "copies", 1), exchanges("total", backup, 1), exchanges("failures_handled", backup, 1),
                "camel_exchanges_inflight{camelContext=\"smtp-duplicator\",kind=\"CamelExchangeEvent\",routeId=\"relay\"} 0.0"));
        assertThat(get("/observe/metrics").body()).doesNotContain("camel_exchange_event_notifier", "camel_route_policy");
        assertThat(relay.relay().context().getManagementStrategy().getManagementAgent()).isNull();
    }

    @Test
    void leavesTheCountingToCamelAndShowsItsBeansWhereAnOperatorWantsThat() throws Exception {
        relay.stop();
        relay.set("camel.metrics.enableRoutePolicy", "true").set("camel.main.jmxEnabled", "true").start();

        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

        await().untilAsserted(() -> assertThat(get("/observe/metrics").body())
                .contains("camel_route_policy_seconds", exchanges("total", "relay", 1)));
        assertThat(relay.relay().context().getManagementStrategy().getManagementAgent()).isNotNull();
    }

    private static String exchanges(String what, String route, int number) {
        return "camel_exchanges_" + what + (what.equals("total") ? "" : "_total")
                + "{camelContext=\"smtp-duplicator\",eventType=\"route\",kind=\"CamelRoute\",routeId=\"" + route + "\"} " + number + ".0";
    }

    @Test
    void probesItselfWithoutBeingAClientThatIsRefused() throws Exception {
        relay.stop();
        relay.set("smtp.clients", "192.0.2.0/24").start();
        log.list.clear();

        for (int i = 0; i < 3; i++) {
            assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
        }

        assertThat(log.list).isEmpty();
    }

    @Test
    void probesItselfWithoutAProxysHeader() throws Exception {
        relay.stop();
        relay.set("smtp.proxy_protocol", "true").set("smtp.trusted_relays", "192.0.2.0/24").start();
        log.list.clear();

        assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);

        assertThat(log.list).isEmpty();
    }

    private List<Map<String, Object>> events(String name) {
        return List.copyOf(log.list).stream().filter(event -> event.getMessage().equals(name)).map(event -> event.getKeyValuePairs()
                .stream().collect(Collectors.toMap(pair -> pair.key, pair -> pair.value))).toList();
    }

    private double metric(String name) throws Exception {
        return get("/observe/metrics").body().lines().filter(line -> line.startsWith(name)).findFirst()
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).orElse(-1.0);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(), BodyHandlers.ofString());
    }
}
