package io.smtpdup.app;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Over HTTP, nothing but all=true means everything, and nothing is taken for something else. */
class ToolRequestsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private static final ManagementPort PORT = new ManagementPort();

    private static RelayUnderTest relay;

    @BeforeAll
    static void leaveTwoDeadLetters() {
        relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(PORT.number())).start();
        relay.backup(1).on("RCPT").times(2).reply("550 5.1.1 no such mailbox");
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        relay.send("<a@b.example>", List.of("two@d.example"), HELLO, "250");
        await().until(() -> PORT.get("/spool/dead").get("copies").size() == 2);
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "reply=", "reply", "reply=%20", "reply=+", "reply=%09", "reply=%00", "reply=%0d%0a", "reply=%C2%A0",
            "reply=%E2%80%8B", "reply=%EF%BB%BF", "recipient=", "recipient=%40", "recipient=%3C%3E", "recipient=%20", "id=", "id=+",
            "backup=", "backup=%20", "reply=&id=1M857J9QHYK51GMQ", "reply=550&recipient=", "id=x&id=", "backup=BACKUP&backup=",
            "all=", "all=false", "all=TRUE", "all=1", "all", "all=true&all=true", "all=true&reply=", "all=true&backup=BACKUP",
            "all=true&reply=550", "reply=550&reply=550", "recipient=a@b&recipient=c@d", "Reply=550", "reply%5B%5D=550", "=550",
            "reply=550&x=y", "reply=550&", "&reply=550", "reply=%ff",
            "reply=%C0%AF", "reply=%C0%80", "reply=%ED%A0%80", "reply=%F8%88%80%80%80", "reply=550%00", "reply=550%EF%BF%BD",
            "id=%00", "limit=1", "backup=BACKUP&limit=0"})
    void refusesWhatDoesNotSayWhichDeadLettersAreMeant(String query) {
        for (String tool : List.of("dead/delete", "dead/requeue", "retry")) {
            assertRefused("POST", "/spool/" + tool + "?" + query.replace("BACKUP", name()));
        }
        assertThat(PORT.get("/spool/dead").get("copies")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup=", "backup=%20", "backup=BACKUP&backup=", "all=true&backup=BACKUP", "all=", "reply=550", "id=x"})
    void pausesNothingThatIsNotNamed(String query) {
        assertRefused("POST", "/spool/pause?" + query.replace("BACKUP", name()));
        assertRefused("POST", "/spool/resume?" + query.replace("BACKUP", name()));
        assertThat(PORT.get("/spool/backups").at("/backups/0/state").asText()).isEqualTo("active");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reply=", "recipient=+", "id=", "backup=", "all=true", "limit=", "limit=x", "reply=%ff"})
    void listsNothingForAnEmptyQuestion(String query) {
        assertRefused("GET", "/spool/dead?" + query);
        assertRefused("GET", "/spool/copies?" + query);
    }

    @Test
    void refusesAFormThatSaysSomethingElseThanTheQuery() throws IOException {
        assertRefused("POST", "/spool/dead/delete", "reply=550", "Content-Type", "application/x-www-form-urlencoded");
        assertRefused("POST", "/spool/dead/delete?all=true", "id=1M857J9QHYK51GMQ", "Content-Type", "application/x-www-form-urlencoded");
        assertRefused("POST", "/spool/dead/delete?all=true", "{\"reply\": \"x\"}", "Content-Type", "application/json");
        assertThat(raw("POST /spool/dead/delete?all=true HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4\r\nid=x\r\n0\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("POST /spool/dead/delete?reply=\u00e9 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        for (String broken : List.of("%", "%5", "%zz", "5%0")) {
            assertThat(raw("POST /spool/dead/delete?reply=" + broken + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
                    .as(broken).startsWith("HTTP/1.1 400 ");
        }
        assertThat(PORT.get("/spool/dead").get("copies")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"to=j%ffrg@d.example", "to=j%C3rg@d.example", "to=j%ED%A0%80rg@d.example", "to=j%C1%B2rg@d.example",
            "to=j%EF%BF%BDrg@d.example", "to=%00x@d.example", "to=x@d.example%00", "to=x%0d%0a@d.example", "to=", "to=%20",
            "to=x@d.example&to=", "to=%3C%3E", "to=x@d.example%20y@d.example", "to=%3Cx@d.example", "to=x@d.example&from=",
            "to=x@d.example&from=%20", "to=x@d.example&from=%E4@b.example", "to=x@d.example&from=a@b&from=c@d",
            "to=x@d.example&backup=", "to=x@d.example&backup=%FF", "to=x@d.example&all=true"})
    void replaysToNobodyElseThanWhoIsMeant(String parameters) {
        String from = parameters.contains("from=") ? "" : "&from=a@b.example";
        String backup = parameters.contains("backup=") ? "" : "&backup=" + name();
        assertRefused("POST", "/spool/replay?" + parameters + from + backup, new String(HELLO, StandardCharsets.UTF_8));
        assertThat(PORT.get("/spool/copies").get("copies")).isEmpty();
        assertThat(relay.backup(1).messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Recipient: <j\u00ffrg@d.example>", "Recipient: <j\u00ed\u00a0\u0080rg@d.example>", "Recipient: <\u00c1\u00b2@d.example>",
            "Recipient: <x\u0000@d.example>", "Recipient: <j\u00ef\u00bf\u00bdrg@d.example>", "Recipient:<x@d.example>", "Recipient: ",
            "Envid: \u00ff", "SMTPUTF8: no", "SMTPUTF8: \u00ff", "Reverse-Path: <\u00fc@b.example>", "Reverse-Path: <other@b.example>",
            "Id: \u00ff", "X\u00ff: y", "Recipient: <x@d.example> NOTIFY=NEVER\u00ff", "Body: 8BITMIME\r\nX-SMTP-Duplicator-Body: 7BIT"})
    void replaysNoFileWhoseEnvelopeIsNotWhatItLooksLike(String line) {
        byte[] file = ("X-SMTP-Duplicator-Recipient: <c@d.example>\r\nX-SMTP-Duplicator-Reverse-Path: <a@b.example>\r\nX-SMTP-Duplicator-"
                + line + "\r\nX-SMTP-Duplicator-Envelope: ends here\r\nSubject: x\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        HttpResponse<byte[]> answer = PORT.request("POST", "/spool/replay?backup=" + name(), file);
        assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(400);
        assertThat(relay.backup(1).messages()).isEmpty();
    }

    @Test
    void exportsNothingForAKeyThatSaysNothing() {
        for (String query : List.of("backup=" + name(), "backup=" + name() + "&key=", "backup=&key=x", "key=x", "backup=" + name()
                + "&key=x&key=y", "backup=" + name() + "&key=%00", "backup=" + name() + "&key=x&raw=", "backup=" + name() + "&key=x&raw=yes")) {
            assertRefused("GET", "/spool/dead/export?" + query);
        }
    }

    private static void assertRefused(String method, String path) {
        assertRefused(method, path, null);
    }

    private static void assertRefused(String method, String path, String body, String... headers) {
        HttpResponse<byte[]> answer = PORT.request(
                method, path, body == null ? null : body.getBytes(StandardCharsets.UTF_8), headers);
        assertThat(answer.statusCode()).as(method + " " + path + " " + new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(400);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", PORT.number())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(20), StandardCharsets.UTF_8);
        }
    }

    private static String name() {
        return relay.backup(1).address().replace(':', '-');
    }
}
