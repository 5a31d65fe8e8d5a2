package io.smtpdup.app;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who may see the page and use its buttons, and who may not. */
class PageAccessTest {

    private static final String TOKEN = "correct-horse-battery";

    private static final String[] FORM = {"Content-Type", "application/x-www-form-urlencoded"};

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void isOpenToThisMachineByDefaultAndSaysHowABrowserShallTreatIt() {
        relay.start();

        HttpResponse<byte[]> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(text(page)).contains("<h1", "Mail flows");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow()).contains("default-src 'none'", "script-src 'self';",
                "style-src 'self';", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'").doesNotContain("unsafe");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.headers().firstValue("Referrer-Policy")).contains("same-origin");
        assertThat(text(page)).doesNotContain("style=\"").doesNotContainPattern("(src|href)=\"(https?:)?//");
        for (String file : List.of("style.css", "page.js", "icon.svg")) {
            assertThat(get("/page/" + file).statusCode()).as(file).isEqualTo(200);
        }
        assertThat(get("/page/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void leavesTheOtherPathsAsTheyAre() {
        relay.start();

        assertThat(get("/", "Accept", "application/json").statusCode()).isEqualTo(404);
        assertThat(port.get("/spool/backups").get("backups")).hasSize(1);
        assertThat(port.request("GET", "/agreement", null, "Accept", "text/html").headers().firstValue("Content-Type"))
                .contains("application/json");
    }

    @Test
    void isClosedToOtherSites() {
        relay.start();
        String form = form(text(get("/")));

        for (String[] headers : new String[][] {{"Origin", "http://evil.example"}, {"Origin", "null"},
                {"Origin", "http://127.0.0.1:1"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}}) {
            String[] all = {FORM[0], FORM[1], headers[0], headers[1]};
            assertThat(post("action=pause&backup=" + name() + "&form=" + form, all).statusCode()).as(headers[1]).isEqualTo(403);
            assertThat(get("/", headers).statusCode()).as(headers[1]).isEqualTo(403);
        }
        assertThat(get("/", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document").statusCode())
                .as("a link from elsewhere").isEqualTo(200);
        assertThat(get("/page/style.css", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "style")
                .statusCode()).isEqualTo(403);
        assertThat(paused()).isFalse();
    }

    @Test
    void doesNothingWithoutAFormOfItsOwn() {
        relay.start();
        String form = form(text(get("/")));

        assertThat(post("action=pause&backup=" + name(), FORM).statusCode()).isEqualTo(403);
        assertThat(post("action=pause&backup=" + name() + "&form=" + form.substring(1), FORM).statusCode()).isEqualTo(403);
        assertThat(get("/page/do?action=pause&backup=" + name() + "&form=" + form).statusCode()).isEqualTo(404);
        assertThat(post("action=pause&backup=" + name() + "&form=" + form, "Content-Type", "text/plain").statusCode()).isEqualTo(400);
        assertThat(post("action=delete-matching&backup=" + name() + "&form=" + form, FORM).headers().firstValue("Location").orElseThrow())
                .contains("note=");
        assertThat(post("form=" + form + "&reason=" + "x".repeat(70_000), FORM).statusCode()).isEqualTo(413);
        assertThat(paused()).isFalse();

        HttpResponse<byte[]> done = post("action=pause&backup=" + name() + "&form=" + form + "&back=//evil.example/", FORM);

        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(done.headers().firstValue("Location").orElseThrow()).startsWith("/?note=");
        assertThat(paused()).isTrue();
    }

    @Test
    void letsNobodyPastTheTokenWithoutALogin() {
        relay.set("management.token", TOKEN).start();

        for (String path : List.of("/", "/page/dead", "/page/settings", "/page/export?backup=x&key=y")) {
            HttpResponse<byte[]> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(303);
            assertThat(answer.headers().firstValue("Location")).contains("/page/login");
        }
        assertThat(post("action=pause&backup=" + name(), FORM).statusCode()).isEqualTo(403);
        assertThat(get("/", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
        assertThat(get("/", "Cookie", "smtpdup-" + port.number() + "=guess").statusCode()).isEqualTo(303);

        HttpResponse<byte[]> in = login(TOKEN);
        String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();

        assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict").doesNotContain(TOKEN);
        String[] mine = {"Cookie", cookie.replaceFirst(";.*", "")};
        String page = text(get("/", mine));
        assertThat(page).contains("Mail flows");
        assertThat(port.request("GET", "/spool/backups", null, mine).statusCode()).as("the tools take no cookie").isEqualTo(401);
        assertThat(post("action=pause&backup=" + name() + "&form=" + form(page), FORM[0], FORM[1], mine[0], mine[1]).statusCode())
                .isEqualTo(303);
        postTo("/page/logout", "form=" + form(page), FORM[0], FORM[1], mine[0], mine[1]);
        assertThat(get("/", mine).statusCode()).isEqualTo(303);
    }

    @Test
    void listensNoLongerToWhoGuessesTokens() {
        relay.set("management.token", TOKEN).start();

        for (int i = 0; i < 10; i++) {
            assertThat(login("wrong-horse-battery").statusCode()).isEqualTo(403);
        }

        assertThat(login(TOKEN).statusCode()).isEqualTo(429);
        assertThat(get("/", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
    }

    @Test
    void isClosedBeyondThisMachineWithoutAToken() {
        relay.set("management.host", "0.0.0.0").start();

        HttpResponse<byte[]> page = get("/");

        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(text(page)).contains("management.token").doesNotContain(name());
    }

    private boolean paused() {
        return port.get("/spool/backups").at("/backups/0/state").asText().equals("paused");
    }

    private HttpResponse<byte[]> login(String token) {
        return postTo("/page/login", "token=" + token, FORM);
    }

    private HttpResponse<byte[]> get(String path, String... headers) {
        return port.request("GET", path, null, headers);
    }

    private HttpResponse<byte[]> post(String body, String... headers) {
        return postTo("/page/do", body, headers);
    }

    private HttpResponse<byte[]> postTo(String path, String body, String... headers) {
        return port.request("POST", path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static String form(String page) {
        Matcher field = Pattern.compile("name=\"form\" value=\"([^\"]+)\"").matcher(page);
        assertThat(field.find()).isTrue();
        return field.group(1);
    }

    private String name() {
        return relay.backup(1).address().replace(':', '-');
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
