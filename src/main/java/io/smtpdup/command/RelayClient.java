package io.smtpdup.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smtpdup.message.PlainText;

/** The running relay, by its management port. Everything that goes wrong is a {@link CommandException}. */
final class RelayClient {

    private static final String SPOOL = "/spool/";

    /** A relay that takes longer to look at itself is not well. */
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(10);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String url;

    private final Optional<String> token;

    /** @param url with nothing behind the port */
    RelayClient(String url, Optional<String> token) {
        this.url = url.replaceFirst("/+$", "");
        this.token = token;
    }

    /** Where it is. */
    @Override
    public String toString() {
        return url;
    }

    /** What the relay answered: as it came, and as a tree. */
    record Answer(String text, JsonNode tree) {
    }

    /**
     * Asks for the relay's health.
     *
     * @param kind {@code live} or {@code ready}
     */
    Answer health(String kind) {
        HttpRequest request = request("/observe/health/" + kind, new Query()).timeout(HEALTH_TIMEOUT).GET().build();
        return answer(send(request, BodyHandlers.ofString()), Set.of(200, 503));
    }

    /** @param path below {@code /spool/}, or with a slash in front of it all of it */
    Answer get(String path, Query query) {
        return answer(send(request(whole(path), query).GET().build(), BodyHandlers.ofString()));
    }

    Answer post(String path, Query query) {
        return answer(send(request(whole(path), query).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString()));
    }

    /** @param expected answers that are no failure */
    Answer post(String path, Query query, Set<Integer> expected) {
        return answer(send(request(whole(path), query).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString()), expected);
    }

    Answer post(String path, Query query, Path body) throws IOException {
        return post(path, query, BodyPublishers.ofFile(body));
    }

    Answer post(String path, Query query, BodyPublisher body) {
        return answer(send(request(whole(path), query).POST(body).build(), BodyHandlers.ofString()));
    }

    /** Passes on what the relay sends, but not when the relay refuses. */
    void download(String path, Query query, OutputStream out) throws IOException {
        HttpResponse<InputStream> response = send(request(SPOOL + path, query).GET().build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() == 200) {
                body.transferTo(out);
            } else {
                answer(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8), Set.of(200));
            }
        }
    }

    private static String whole(String path) {
        return path.startsWith("/") ? path : SPOOL + path;
    }

    private HttpRequest.Builder request(String path, Query query) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url + path + query)).timeout(Duration.ofMinutes(30));
            token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
            return request;
        } catch (IllegalArgumentException e) {
            throw new CommandException(url + " is not the URL of a relay's management port, like http://127.0.0.1:9876");
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new CommandException("no relay answers at " + url + ": is it running, and is this its management.port?");
        } catch (IOException e) {
            throw new CommandException("the relay at " + url + " broke off: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted");
        }
    }

    private Answer answer(HttpResponse<String> response) {
        return answer(response, Set.of(200));
    }

    private Answer answer(HttpResponse<String> response, Set<Integer> expected) {
        return answer(response.statusCode(), response.body(), expected);
    }

    private Answer answer(int status, String body, Set<Integer> expected) {
        JsonNode tree;
        try {
            tree = JSON.readTree(body);
        } catch (IOException e) {
            tree = null;
        }
        if (tree == null || !tree.isObject()) {
            throw new CommandException("what answers at " + url + " is not a relay, or one without tools (status "
                    + status + ")");
        }
        if (!expected.contains(status)) {
            throw new CommandException(PlainText.of(tree.path("error").asText("status " + status)), status);
        }
        return new Answer(body, tree);
    }

    /** JSON as the relay writes it. */
    static String pretty(JsonNode tree) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
