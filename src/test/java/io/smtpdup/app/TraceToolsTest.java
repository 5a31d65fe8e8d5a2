package io.smtpdup.app;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What became of a mail, over HTTP as in docs/management.md, with a real broker. */
class TraceToolsTest extends SteeredRelay {

    private static final byte[] NAMED = "Message-ID: <one@b.example>\r\nSubject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void followsAMailToEachBackup() {
        relay.backup(2).on("RCPT").reply("450 4.2.1 busy");
        relay.send("<a@b.example>", List.of("b@b.example"), NAMED, "250");

        JsonNode mail = await().until(() -> trace("id=" + text("<one@b.example>")), found -> copy(found, 1, "delivered") && copy(found, 2, "deferred"));

        assertThat(mail.get("state").asText()).isEqualTo("accepted");
        assertThat(mail.get("source").asText()).isEqualTo("memory");
        assertThat(mail.get("from").asText()).isEqualTo("a@b.example");
        assertThat(mail.get("recipients")).extracting(JsonNode::asText).containsExactly("b@b.example");
        assertThat(mail.get("events")).extracting(event -> event.get("event").asText() + " " + event.path("role").asText())
                .startsWith("accepted ", "delivered primary").contains("delivered backup", "deferred backup");
        JsonNode deferred = ofBackup(mail, 2);
        assertThat(deferred.get("found").asBoolean()).isTrue();
        assertThat(deferred.get("reply").asText()).isEqualTo("450 4.2.1 busy");
        assertThat(Instant.parse(deferred.get("next_attempt_at").asText())).isAfter(Instant.now());
        assertThat(trace("id=" + mail.get("id").asText())).isEqualTo(mail);
        assertThat(trace("recipient=b@b.example&sender=a@b.example")).isEqualTo(mail);
    }

    @Test
    void findsACopyThatWaitsAlsoAfterARestart() {
        relay.primary().on("DOT").reply("250 2.0.0 Ok: queued as 4ABCDEF1");
        relay.backup(1).on("RCPT").reply("550 5.1.1 no");
        relay.backup(2).on("RCPT").reply("450 4.2.1 busy");
        relay.send("<a@b.example>", List.of("b@b.example"), NAMED, "250");
        String id = await().until(() -> trace("id=4ABCDEF1"), found -> copy(found, 1, "dead") && copy(found, 2, "deferred")).get("id").asText();

        relay.stop();
        relay.start();

        for (String query : List.of("id=" + id, "id=4ABCDEF1", "recipient=b@b.example")) {
            JsonNode mail = trace(query);
            assertThat(mail.get("id").asText()).as(query).isEqualTo(id);
            assertThat(mail.get("source").asText()).isEqualTo("spool");
            assertThat(mail.get("client").asText()).isEqualTo("127.0.0.1");
            assertThat(mail.get("reply").asText()).isEqualTo("250 2.0.0 Ok: queued as 4ABCDEF1");
            assertThat(mail.get("queue_id").asText()).isEqualTo("4ABCDEF1");
            assertThat(mail.get("events")).extracting(event -> event.get("event").asText()).containsExactlyInAnyOrder("accepted", "deferred", "dead-lettered");
            assertThat(ofBackup(mail, 1).get("reply").asText()).isEqualTo("550 5.1.1 no");
        }
    }

    @Test
    void tellsWhatItRemembersWhileTheBrokerIsAway() {
        relay.send("<a@b.example>", List.of("b@b.example"), NAMED, "250");
        await().until(() -> trace("id=" + text("<one@b.example>")), found -> copy(found, 1, "delivered") && copy(found, 2, "delivered"));

        relay.relay().spool().stop();

        JsonNode answer = port.get("/trace?recipient=b@b.example");
        assertThat(answer.at("/mails/0/state").asText()).isEqualTo("accepted");
        assertThat(answer.at("/mails/0/copies")).hasSize(2);
        assertThat(answer.get("notes")).singleElement().asString().contains("the queues cannot be looked through");
        assertThat(port.get("/trace?id=nothing").get("mails")).isEmpty();
    }

    @Test
    void listsTheLatestMailsFirst() {
        for (int i = 0; i < 5; i++) {
            send("r" + i + "@b.example");
        }

        JsonNode answer = port.get("/trace?limit=3");

        assertThat(answer.get("mails")).extracting(mail -> mail.get("recipients").get(0).asText())
                .containsExactly("r4@b.example", "r3@b.example", "r2@b.example");
        assertThat(answer.get("more").asInt()).isEqualTo(2);
    }

    @Test
    void findsWhatTheClientWasRefused() {
        relay.primary().on("RCPT").reply("550 5.1.1 gone");
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<gone@b.example>", "550");
        }

        JsonNode mail = trace("recipient=gone@b.example");

        assertThat(mail.get("state").asText()).isEqualTo("refused");
        assertThat(mail.get("reply").asText()).isEqualTo("550 5.1.1 gone");
        assertThat(mail.get("copies")).isEmpty();
    }

    @Test
    void findsAMailByItsTime() {
        Instant before = Instant.now().minusSeconds(1);
        send("b@b.example");
        Instant after = Instant.now().plusSeconds(1);

        assertThat(mails("since=" + before + "&until=" + after)).hasSize(1);
        assertThat(mails("since=" + after)).isEmpty();
        assertThat(mails("recipient=b@b.example&until=" + before)).isEmpty();
    }

    @Test
    void refusesWhatCouldMeanSomethingElse() {
        assertRefused("GET", "/trace?since=10:32", null, 400, "since is a time like");
        assertRefused("GET", "/trace?limit=1001", null, 400, "limit is a number up to 1000");
        assertRefused("GET", "/trace?since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z", null, 400, "until is before since");
        assertRefused("GET", "/trace?reply=no", null, 400, "there is no parameter reply");
        assertRefused("POST", "/trace", null, 405, "takes GET");
    }

    private boolean copy(JsonNode mail, int backup, String state) {
        JsonNode copy = ofBackup(mail, backup);
        return copy != null && copy.get("state").asText().equals(state);
    }

    private JsonNode ofBackup(JsonNode mail, int backup) {
        for (JsonNode copy : mail.path("copies")) {
            if (copy.get("backup").asText().equals(name(backup))) {
                return copy;
            }
        }
        return null;
    }

    private JsonNode mails(String query) {
        return port.get("/trace?" + query).get("mails");
    }

    /** The one mail that is found. */
    private JsonNode trace(String query) {
        JsonNode mails = mails(query);
        assertThat(mails).as(query).hasSize(1);
        return mails.get(0);
    }

    private static String text(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
