package io.smtpdup.app;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who uses the page does so over a reload; and its buttons that change the settings are only for who may. */
class PageOverReloadTest {

    private static final String TOKEN = "correct-horse-battery";

    private static final String[] FORM = {"Content-Type", "application/x-www-form-urlencoded"};

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).namedIn("application.properties")
            .set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void staysLoggedInUntilTheTokenIsAnother() {
        relay.set("management.token", TOKEN).start();
        String cookie = post("/page/login", "token=" + TOKEN, FORM).headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
        String[] mine = {FORM[0], FORM[1], "Cookie", cookie};
        String form = form(text(get("/", "Cookie", cookie)));
        relay.set("relay.backup_rate", "6000");

        HttpResponse<byte[]> done = post("/page/do", "action=reload&back=/page/settings&form=" + form, mine);

        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(text(get(done.headers().firstValue("Location").orElseThrow(), "Cookie", cookie)))
                .contains("relay.backup_rate: 6000 (was 0)");
        assertThat(post("/page/do", "action=pause&backup=" + relay.backup(1).address() + "&form=" + form, mine).statusCode())
                .as("a form from before").isEqualTo(303);
        assertThat(text(get("/", "Cookie", cookie))).contains("Paused by an operator");

        relay.set("management.token", "another-horse-battery");
        assertThat(relay.reload().reloaded()).isTrue();

        assertThat(get("/", "Cookie", cookie).headers().firstValue("Location")).contains("/page/login");
        assertThat(post("/page/do", "action=resume&backup=" + relay.backup(1).address() + "&form=" + form, mine).statusCode()).isEqualTo(403);
        assertThat(post("/page/login", "token=" + TOKEN, FORM).statusCode()).isEqualTo(403);
    }

    @Test
    void takesAFormFromBeforeWhereThereIsNoToken() {
        relay.start();
        String form = form(text(get("/")));
        assertThat(relay.reload().reloaded()).isTrue();

        assertThat(post("/page/do", "action=pause&backup=" + relay.backup(1).address() + "&form=" + form, FORM).statusCode()).isEqualTo(303);

        assertThat(text(get("/"))).contains("Paused by an operator");
    }

    @Test
    void switchesAndReloadsForNobodyElse() throws IOException {
        relay.start();
        String before = Files.readString(relay.directory().resolve("application.properties"));
        String form = form(text(get("/")));
        relay.set("relay.backup_rate", "6000");

        for (String action : List.of("reload", "written", "rollback&confirmed=true", "cutover&confirmed=true&backup=" + relay.backup(1).address())) {
            String body = "action=" + action;
            assertThat(post("/page/do", body, FORM).statusCode()).as(action).isEqualTo(403);
            assertThat(post("/page/confirm", body, FORM).statusCode()).as(action).isEqualTo(403);
            assertThat(post("/page/do", body + "&form=" + form, FORM[0], FORM[1], "Origin", "http://evil.example").statusCode()).isEqualTo(403);
            assertThat(post("/page/do", body + "&form=" + form, FORM[0], FORM[1], "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
            assertThat(get("/page/do?" + body + "&form=" + form).statusCode()).as(action).isEqualTo(404);
        }
        for (String action : List.of("rollback", "cutover&backup=" + relay.backup(1).address())) {
            HttpResponse<byte[]> asked = post("/page/do", "action=" + action + "&back=/page/cutover&form=" + form, FORM);
            assertThat(text(get(asked.headers().firstValue("Location").orElseThrow()))).contains("this needs a confirmation first");
        }
        assertThat(post("/page/confirm", "action=cutover&anyway=true&backup=" + relay.backup(1).address() + "&form=" + form, FORM).statusCode())
                .as("all the same, without a reason").isEqualTo(400);
        assertThat(Files.readString(relay.directory().resolve("application.properties"))).isEqualTo(before);
        assertThat(relay.relay().context().resolvePropertyPlaceholders("{{relay.backup_rate}}")).isEqualTo("0");
    }

    private HttpResponse<byte[]> get(String path, String... headers) {
        return port.request("GET", path, null, headers);
    }

    private HttpResponse<byte[]> post(String path, String body, String... headers) {
        return port.request("POST", path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static String form(String page) {
        Matcher field = Pattern.compile("name=\"form\" value=\"([^\"]+)\"").matcher(page);
        assertThat(field.find()).isTrue();
        return field.group(1);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
