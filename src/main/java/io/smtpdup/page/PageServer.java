package io.smtpdup.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.smtpdup.config.Settings;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.page.PageAccess.Refused;
import io.smtpdup.page.PageAccess.Visitor;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.tools.AccessGuard;
import io.smtpdup.tools.ExportedMail;
import io.smtpdup.tools.OnStop;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages over HTTP, at {@code /} and below {@code /page/} of the management port. Whoever asks is looked at by {@link PageAccess} first. The
 * queues are asked on threads of our own, few at a time, so that the tools, health and metrics are answered whatever browsers do.
 */
public final class PageServer {

    private static final int THREADS = 2;

    private static final int AT_A_TIME = 16;

    private static final long AFTER_WRONG_LOGIN = 1000;

    private static final String POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self';"
            + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

    private static final Map<String, String> FILES = Map.of(
            "style.css", "text/css; charset=utf-8", "page.js", "text/javascript; charset=utf-8", "icon.svg", "image/svg+xml");

    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);

    private final TemplateEngine templates =
            TemplateEngine.createPrecompiled(null, ContentType.Html, PageServer.class.getClassLoader(), PageServer.class.getPackageName());

    private final VertxPlatformHttpRouter router;

    private final WorkerExecutor workers;

    private final PageAccess access;

    private final Duration patience;

    private final Semaphore room = new Semaphore(AT_A_TIME);

    private final Notes notes;

    private final Pages pages;

    private final Actions actions;

    private final Sources sources;

    private PageServer(VertxPlatformHttpRouter router, Sources sources) {
        Settings settings = sources.settings();
        this.router = router;
        this.sources = sources;
        access = new PageAccess(new AccessGuard(settings.managementHost(), settings.managementToken()),
                sources.memory().sessions(settings.managementToken()), sources.memory().form());
        notes = sources.memory().notes();
        patience = settings.managementTimeout();
        workers = router.vertx().createSharedWorkerExecutor("page", THREADS, 1, TimeUnit.HOURS);
        pages = new Pages(sources);
        actions = new Actions(sources);
    }

    /** Shows the pages on the management port, unless an operator has switched that off. */
    public static void start(CamelContext context, Sources sources) {
        context.getRegistry().findByType(VertxPlatformHttpRouter.class).stream().filter(VertxPlatformHttpRouter::isManagementServer)
                .findFirst().ifPresent(router -> {
                    PageServer server = new PageServer(router, sources);
                    router.route("/").handler(server::handle);
                    router.route("/page/*").handler(server::handle);
                    OnStop.close(context, server.workers::close);
                });
    }

    private void handle(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.equals("/") && !takesHtml(request.request().getHeader("Accept"))) {
            request.next(); // as if there were no page
            return;
        }
        HttpServerResponse response = request.response();
        response.putHeader("Content-Security-Policy", POLICY).putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "same-origin").putHeader("Cache-Control", "no-store")
                .putHeader("X-Frame-Options", "DENY").putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin");
        if (!room.tryAcquire()) {
            fail(request, RequestException.busy("Too many browsers ask at the same time. Try again later."));
            return;
        }
        request.addEndHandler(end -> room.release());
        try {
            String method = request.request().method().name();
            if (method.equals("GET")) {
                get(request, path).onFailure(failure -> fail(request, failure));
            } else if (method.equals("POST")) {
                post(request, path).onFailure(failure -> fail(request, failure));
            } else {
                response.putHeader("Allow", "GET, POST");
                throw new Refused(405, "A page takes GET, a form POST.");
            }
        } catch (Exception e) {
            fail(request, e);
        }
    }

    /** A browser asks for HTML, and curl for anything. */
    private static boolean takesHtml(String accept) {
        return accept == null || accept.contains("text/html") || accept.contains("*/*") || accept.contains("text/*");
    }

    private Future<?> get(RoutingContext request, String path) throws IOException {
        String name = path.replaceFirst("^/page/", "");
        access.requireOwnSite(request.request());
        if (FILES.containsKey(name)) {
            return file(request, name);
        }
        if (name.equals("login")) {
            return access.hasLogin() ? login(request, 200, null) : redirect(request, "/");
        }
        Optional<Visitor> visitor = access.visitor(request.request());
        if (visitor.isEmpty()) {
            return redirect(request, "/page/login");
        }
        String query = request.request().query();
        if (name.equals("export")) {
            Parameters asked = Form.parameters(query, Set.of("backup", "key", "waiting"));
            return new ExportedMail(workers, sources.scratch()).send(request.response(), out -> asked.one("waiting") == null
                    ? sources.steering().export(asked.backup(), asked.required("key"), true, out)
                    : sources.steering().exportWaiting(asked.backup(), asked.required("key"), true, out));
        }
        Pages.Page page = pages.at(path).orElseThrow(() -> new Refused(404, "There is no page here."));
        Parameters asked = Form.parameters(query, page.parameters());
        boolean still = asked.one("refresh") != null;
        return work(request, () -> {
            Pages.Made made = page.maker().make(asked);
            Layout layout = new Layout(made.title(), path, notes.of(asked.one("note")), page.refreshes() && !still, page.fields(),
                    page.refreshes() ? path + Pages.query(asked, page.parameters(), !still) : null,
                    visitor.get().form(), visitor.get().session(), Words.at(SteadyClock.system().instant()));
            return render(made.template(), Map.of("layout", layout, "model", made.model()));
        });
    }

    private Future<?> post(RoutingContext request, String path) {
        access.requireOwnSite(request.request());
        return switch (path) {
            case "/page/login" -> Form.body(router.vertx(), request.request(), patience).compose(body -> tryLogin(request, body));
            case "/page/logout", "/page/do", "/page/confirm" -> {
                Visitor visitor = access.visitor(request.request()).orElseThrow(() -> new Refused(403, "Log in first."));
                yield Form.body(router.vertx(), request.request(), patience).compose(body -> act(request, path, visitor, body));
            }
            default -> throw new Refused(404, "There is no form here.");
        };
    }

    private Future<?> act(RoutingContext request, String path, Visitor visitor, String body) {
        Parameters form = Form.parameters(body, Actions.FIELDS);
        PageAccess.requireOwnForm(visitor, form.one("form"));
        if (path.equals("/page/logout")) {
            access.logout(request.request());
            return redirect(request, "/page/login");
        }
        if (path.equals("/page/confirm")) {
            Layout layout = new Layout("Are you sure?", "", null, false, false, null, visitor.form(), visitor.session(), "");
            return work(request, () -> render("confirm.jte", Map.of("layout", layout, "model", Confirmation.of(sources, form))));
        }
        return workers.executeBlocking(() -> actions.run(form), false).compose(done -> redirect(request, done.back()
                + (done.back().contains("?") ? "&" : "?") + "note=" + notes.keep(done.note())));
    }

    private Future<?> tryLogin(RoutingContext request, String body) {
        Parameters form = Form.parameters(body, Set.of("token"));
        if (!access.hasLogin()) {
            return redirect(request, "/");
        }
        if (!access.mayTry(request.request())) {
            return login(request, 429, "There were too many wrong tokens from your address. Wait a minute.");
        }
        if (access.login(request.request(), form.one("token"))) {
            LOG.info("somebody at {} has logged in to the page", request.request().remoteAddress().hostAddress());
            return redirect(request, "/");
        }
        LOG.warn("somebody at {} has tried to log in to the page with a wrong token", request.request().remoteAddress().hostAddress());
        return router.vertx().timer(AFTER_WRONG_LOGIN).compose(late -> login(request, 403, "This is not the token."));
    }

    private Future<?> login(RoutingContext request, int status, String problem) {
        Layout layout = new Layout("Log in", "", null, false, false, null, null, false, "");
        return answer(request, status, render("login.jte", Map.of("layout", layout, "problem", problem == null ? "" : problem)));
    }

    private Future<?> work(RoutingContext request, Callable<String> page) {
        return workers.executeBlocking(page, false).compose(html -> answer(request, 200, html));
    }

    private String render(String template, Map<String, Object> parameters) {
        StringOutput html = new StringOutput();
        templates.render(template, parameters, html);
        return html.toString();
    }

    private static Future<?> redirect(RoutingContext request, String to) {
        return request.response().setStatusCode(303).putHeader("Location", to).end();
    }

    private static Future<?> answer(RoutingContext request, int status, String html) {
        return request.response().setStatusCode(status).putHeader("Content-Type", "text/html; charset=utf-8").end(html);
    }

    private static Future<?> file(RoutingContext request, String name) throws IOException {
        try (InputStream in = PageServer.class.getResourceAsStream(name)) {
            return request.response().putHeader("Content-Type", FILES.get(name))
                    .end(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private void fail(RoutingContext request, Throwable failure) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed() || response.headWritten()) {
            LOG.debug("a browser disconnected from {}", request.normalizedPath(), failure);
            return;
        }
        int status = failure instanceof Refused refused ? refused.status()
                : failure instanceof RequestException wrong ? wrong.status()
                : failure instanceof SpoolException ? 503 : 500;
        if (status == 500) {
            LOG.error("the page {} failed: {}", request.normalizedPath(), failure.toString());
            LOG.debug("stack trace", failure);
        }
        String reason = status == 500 ? "Something failed; see the relay's log." : String.valueOf(failure.getMessage());
        Layout layout = new Layout("Not possible", "", null, false, false, null, null, false, "");
        response.putHeader("Connection", "close");
        answer(request, status, render("failure.jte", Map.of("layout", layout, "status", status, "reason", reason)));
        if (!request.request().isEnded()) {
            request.request().handler(unwanted -> { }).resume();
        }
    }
}
