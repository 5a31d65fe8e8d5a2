package io.smtpdup.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.smtpdup.agreement.ReportJson;
import io.smtpdup.config.Settings;
import io.smtpdup.message.PrivateFiles;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Steering}, {@link AgreementTools}, {@link RecipientTools} and {@link TraceTools} over HTTP, at {@code /spool/},
 * {@code /agreement}, {@code /recipients/} and {@code /trace} of the management port, as {@code docs/management.md} describes it. Every
 * request is looked at by the {@link AccessGuard} first. The broker is asked on threads of our own.
 */
public final class ToolServer {

    private static final String ROOT = "/spool/";
    private static final String AGREEMENT = "/agreement";
    private static final String RECIPIENTS = "/recipients/";
    private static final String RELOAD = "/reload";

    private static final String TRACE = "/trace";

    private static final String CUTOVER = "/cutover/";

    private static final String A_LIST = "a list of addresses has at most " + RecipientTools.LARGEST + " octets";

    private static final int THREADS = 4;

    /** Room for the envelope in front of a mail. */
    private static final long ENVELOPE = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ToolServer.class);

    private final Steering steering;

    private final RecipientTools recipients;

    private final AccessGuard guard;

    private final Path scratch;

    private final long maxSize;

    private final Duration patience;
    private final Duration within;

    /** Half of the port's connections are for whoever asks for health and metrics. */
    private final Semaphore room;

    private final VertxPlatformHttpRouter router;

    private final WorkerExecutor workers;

    private final Map<String, Action> actions = new LinkedHashMap<>();

    private ToolServer(VertxPlatformHttpRouter router, Steering steering, Supplier<AgreementTools> agreement, RecipientTools recipients,
            TraceTools traces, CutoverTools cutover, Settings settings, Path scratch, Reload reload) {
        this.router = router;
        this.steering = steering;
        this.recipients = recipients;
        this.scratch = scratch;
        guard = new AccessGuard(settings.managementHost(), settings.managementToken());
        maxSize = settings.maxSize() + ENVELOPE;
        patience = settings.managementTimeout();
        within = settings.dataTimeout();
        room = new Semaphore(Math.max(1, settings.managementMaxConnections() / 2));
        workers = router.vertx().createSharedWorkerExecutor("spool-tools", THREADS, 1, TimeUnit.HOURS);
        read("backups", Set.of(), p -> steering.overview());
        read("copies", Parameters.selectionAnd("limit"), p -> steering.copies(p.backups(), p.selection(), p.limit()));
        read("dead", Parameters.selectionAnd("limit"), p -> steering.deadLetters(p.backups(), p.selection(), p.limit()));
        change("retry", Parameters.selectionAnd("all"), p -> steering.retry(p.backups(), p.selection()));
        change("pause", Set.of("backup", "all"), p -> Map.of("paused", steering.pause(p.backups())));
        change("resume", Set.of("backup", "all"), p -> Map.of("resumed", steering.resume(p.backups())));
        actions.put(ROOT + "drain", new Action("POST", Set.of("backup", "to"), false,
                (request, p) -> answer(request, () -> steering.drain(p.backup(), p.one("to")))));
        change("copies/move", Parameters.selectionAnd("all", "to"),
                p -> Map.of("moved", steering.move(p.backups(), p.selection(), p.required("to"))));
        change("copies/delete", Parameters.selectionAnd("all"),
                p -> Map.of("deleted", steering.deleteWaiting(p.backups(), p.selection())));
        change("dead/requeue", Parameters.selectionAnd("all"),
                p -> Map.of("requeued", steering.requeue(p.backups(), p.selection())));
        change("dead/delete", Parameters.selectionAnd("all"),
                p -> Map.of("deleted", steering.delete(p.backups(), p.selection())));
        export("dead/export", steering::export);
        export("copies/export", steering::exportWaiting);
        actions.put(ROOT + "replay", new Action("POST", Set.of("backup", "from", "to"), true, this::replay));
        read(AGREEMENT, Set.of("backup"), p -> ReportJson.write(agreement.get().report(p.backups())));
        read(AGREEMENT + "/earlier", Set.of("backup"), p -> agreement.get().earlier(p.backups()));
        read(AGREEMENT + "/signatures", Set.of("backup", "relation", "category"),
                p -> agreement.get().signatures(p.backups(), p.one("relation"), p.one("category")));
        actions.put(AGREEMENT + "/mark", new Action("POST", Set.of("reason"), false,
                (request, p) -> answer(request, () -> agreement.get().mark(p.required("reason")))));
        actions.put(AGREEMENT + "/forget", new Action("POST", Set.of("address"), false,
                (request, p) -> answer(request, () -> agreement.get().forget(p.required("address")))));
        actions.put(RECIPIENTS + "check", new Action("POST", Set.of("backup", "from", "known", "job"), true, this::check));
        read(RECIPIENTS + "status", Set.of("backup"), p -> recipients.status(p.backup()));
        read(RECIPIENTS + "results", Set.of("backup", "job", "after", "limit"),
                p -> recipients.results(p.backup(), p.one("job"), p.count("after"), p.limit()));
        actions.put(RELOAD, new Action("POST", Set.of("reason"), false,
                (request, p) -> answer(request, () -> ReloadTools.run(reload, p.one("reason")))));
        actions.put(RECIPIENTS + "cancel", new Action("POST", Set.of("backup", "job"), false,
                (request, p) -> answer(request, () -> recipients.cancel(p.backup(), p.required("job")))));
        read(TRACE, Set.of("id", "recipient", "sender", "since", "until", "limit"), p -> traces.find(p.mail(), p.mails()).json());
        read(CUTOVER + "status", Set.of(), p -> cutover.status());
        read(CUTOVER + "check", Set.of("backup"), p -> cutover.check(p.backup()));
        actions.put(CUTOVER + "switch", new Action("POST", Set.of("backup", "anyway", "reason"), false, (request, p) ->
                answer(request, () -> cutover.cutover(p.backup(), p.one("anyway"), p.one("reason")))));
        actions.put(CUTOVER + "back", new Action("POST", Set.of("reason"), false,
                (request, p) -> answer(request, () -> cutover.rollback(p.one("reason")))));
        actions.put(CUTOVER + "written", new Action("POST", Set.of(), false, (request, p) -> answer(request, cutover::takeUpWritten)));
    }

    /**
     * Offers the tools on the management port, unless an operator has switched that off.
     *
     * @param context started
     * @param agreement empty where nothing is compared
     * @param scratch a directory for mails on their way, made when missing
     */
    public static void start(CamelContext context, Steering steering, Optional<AgreementTools> agreement, RecipientTools recipients,
            TraceTools traces, CutoverTools cutover, Settings settings, Path scratch, Reload reload) {
        Optional<VertxPlatformHttpRouter> router =
                context.getRegistry().findByType(VertxPlatformHttpRouter.class).stream()
                        .filter(VertxPlatformHttpRouter::isManagementServer)
                        .findFirst();
        if (router.isEmpty()) {
            LOG.warn("there is no management server, so the queues cannot be steered");
            return;
        }
        ToolServer server = new ToolServer(router.get(), steering, () -> agreement.orElseThrow(() -> RequestException.conflict(
                "nothing is compared: there is no backup (relay.destination_backups), or agreement.enabled is false")),
                recipients, traces, cutover, settings, scratch, reload);
        if (server.guard.isClosed()) {
            LOG.warn("management.host {} is not a loopback address and management.token is not set: the tools that steer"
                    + " the queues are closed, health and metrics are open", settings.managementHost());
        }
        router.get().route(ROOT + "*").handler(server::handle);
        router.get().route(AGREEMENT + "/*").handler(server::handle);
        router.get().route(RECIPIENTS + "*").handler(server::handle);
        router.get().route(TRACE + "/*").handler(server::handle);
        router.get().route(CUTOVER + "*").handler(server::handle);
        router.get().route(RELOAD).handler(server::handle);
        OnStop.close(context, server.workers::close);
    }

    /** What is done for one path. */
    private record Action(String method, Set<String> parameters, boolean body, Work work) {
    }

    @FunctionalInterface
    private interface Work {

        Future<?> run(RoutingContext request, Parameters parameters) throws IOException;
    }

    /** A text is JSON already. */
    @FunctionalInterface
    private interface Question {

        Object answer(Parameters parameters);
    }

    /** Writes a mail, and returns its id. */
    @FunctionalInterface
    private interface Export {

        String write(String backup, String key, boolean withEnvelope, OutputStream out);
    }

    private void export(String path, Export export) {
        actions.put(ROOT + path, new Action("GET", Set.of("backup", "key", "raw"), false,
                (request, given) -> export(request, given, export)));
    }

    private void read(String path, Set<String> parameters, Question question) {
        actions.put(path.startsWith("/") ? path : ROOT + path, new Action("GET", parameters, false,
                (request, given) -> answer(request, () -> question.answer(given))));
    }

    private void change(String path, Set<String> parameters, Question question) {
        actions.put(ROOT + path, new Action("POST", parameters, false, (request, given) -> {
            given.requireNarrowOrAll();
            return answer(request, () -> question.answer(given));
        }));
    }

    private void handle(RoutingContext request) {
        Optional<AccessGuard.Refusal> refusal = guard.check(request.request());
        String path = request.normalizedPath().replaceFirst("(?<=.)/$", "");
        Action action = actions.get(path);
        if (refusal.isPresent()) {
            if (refusal.get().status() == 401) {
                request.response().putHeader("WWW-Authenticate", "Bearer");
            }
            Answers.fail(request, refusal.get().status(), refusal.get().reason());
        } else if (action == null) {
            Answers.fail(request, 404, "there is nothing at " + path + "; see " + actions.keySet());
        } else if (!action.method.equals(request.request().method().name())) {
            request.response().putHeader("Allow", action.method);
            Answers.fail(request, 405, path + " takes " + action.method);
        } else if (!room.tryAcquire()) {
            Answers.fail(request, RequestException.busy("too many requests for the tools at the same time, try again later"));
        } else {
            request.addEndHandler(end -> room.release());
            try {
                if (!action.body && hasBody(request.request())) {
                    throw RequestException.wrong("parameters belong into the query, and " + path + " takes no body");
                }
                Parameters parameters = new Parameters(request.request().query(), action.parameters);
                action.work.run(request, parameters).onFailure(failure -> Answers.fail(request, failure));
            } catch (Exception e) {
                Answers.fail(request, e);
            }
        }
    }

    /** A form that says more, or less, than the query: nobody could know which of them is meant. */
    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length != null && !length.strip().equals("0") || request.getHeader("Transfer-Encoding") != null;
    }

    private Future<?> answer(RoutingContext request, Callable<Object> question) {
        return workers.executeBlocking(question, false).onSuccess(answer -> Answers.reply(request, 200, answer instanceof String json ? json : Json.write(answer)));
    }

    private Future<?> export(RoutingContext request, Parameters parameters, Export export) throws IOException {
        String backup = parameters.backup();
        String key = parameters.required("key");
        boolean withEnvelope = !parameters.flag("raw");
        return new ExportedMail(workers, scratch).send(request.response(), out -> export.write(backup, key, withEnvelope, out));
    }

    /** What can be known before the mail comes is looked at before it comes. */
    private Future<?> replay(RoutingContext request, Parameters parameters) throws IOException {
        String backup = parameters.backup();
        String from = parameters.one("from");
        List<String> to = parameters.all("to");
        long length = length(request.request(), maxSize, aMail());
        request.request().pause();
        Path file = file();
        return workers.executeBlocking(() -> {
            steering.prepareReplay(backup, from, to, length);
            return null;
        }, false)
                .compose(fine -> receive(request, file, maxSize, aMail()))
                .compose(received -> answer(request, () -> Map.of("replayed", steering.replay(backup, from, to, file))))
                .onComplete(end -> remove(file));
    }

    /** The addresses come in the body, or the relay knows them itself. */
    private Future<?> check(RoutingContext request, Parameters parameters) throws IOException {
        RecipientTools.Wanted wanted = new RecipientTools.Wanted(parameters.backup(), parameters.one("from"), parameters.one("job"));
        if (parameters.flag("known")) {
            if (hasBody(request.request())) {
                throw RequestException.wrong("known=true takes no list of addresses");
            }
            return answer(request, () -> recipients.checkKnown(wanted));
        }
        recipients.prepare(wanted);
        length(request.request(), RecipientTools.LARGEST, A_LIST);
        request.request().pause();
        Path file = file();
        return receive(request, file, RecipientTools.LARGEST, A_LIST)
                .compose(received -> answer(request, () -> recipients.check(wanted, file)))
                .onComplete(end -> remove(file));
    }

    private Future<Void> receive(RoutingContext request, Path file, long limit, String tooLarge) {
        return new UploadedFile(request.request(), file, limit, tooLarge, patience).receive(router.vertx(), within);
    }

    private String aMail() {
        return "a mail has at most " + maxSize + " octets (smtp.max_size)";
    }

    /** Octets of the body that is about to come; as many as it may have when it does not say. */
    private static long length(HttpServerRequest request, long limit, String tooLarge) {
        String said = request.getHeader("Content-Length");
        long length = said == null ? limit : Long.parseLong(said.strip()); // which the server has looked at
        if (length > limit) {
            throw RequestException.tooLarge(tooLarge);
        }
        return length;
    }

    private Path file() throws IOException {
        PrivateFiles.directory(scratch);
        return Files.createTempFile(scratch, "tools-", ".eml");
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays until the relay stops", file, e);
        }
    }
}
