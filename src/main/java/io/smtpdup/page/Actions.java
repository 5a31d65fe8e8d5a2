package io.smtpdup.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

import io.smtpdup.spool.Selection;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;
import io.smtpdup.tools.Steering;

/**
 * What the buttons do: each what the command of the same name does. One that cannot be done says so on the page where it was pressed. A new
 * button is a line in the constructor, a field of its form one in {@link #FIELDS}.
 */
final class Actions {

    /** Every field that a form of ours may have. */
    static final Set<String> FIELDS =
            Set.of("form", "action", "back", "backup", "id", "recipient", "reply", "to", "reason", "anyway", "confirmed");

    private final Map<String, Action> actions = new LinkedHashMap<>();

    private final Steering steering;

    private final Optional<AgreementTools> agreement;

    Actions(Sources sources) {
        steering = sources.steering();
        agreement = sources.agreement();
        add("retry", this::retry);
        add("pause", form -> "Paused: " + names(steering.pause(List.of(form.backup()))) + ". It gets nothing until it is resumed.");
        add("resume", form -> "Resumed: " + names(steering.resume(List.of(form.backup()))) + ".");
        add("drain", form -> {
            Steering.Drained done = steering.drain(form.backup(), null);
            return "What waits for " + done.draining() + " is delivered to " + done.to() + ", until the relay's next start."
                    + (done.paused() ? " It is paused: resume it." : "");
        });
        add("requeue", form -> requeued(picked(form, steering::requeue)));
        add("requeue-matching", form -> requeued(steering.requeue(form.backups(), form.selection())));
        add("delete", form -> deleted(picked(confirmed(form), steering::delete)));
        add("delete-matching", form -> deleted(steering.delete(confirmed(form).backups(), form.selection())));
        add("delete-waiting", form -> deleted(steering.deleteWaiting(List.of(confirmed(form).backup()), waiting(form))));
        add("move", form -> "Moved: " + Words.copies(steering.move(List.of(confirmed(form).backup()), waiting(form), form.required("to")))
                + " to " + form.required("to") + ".");
        add("mark", form -> {
            tools().mark(form.required("reason"));
            return "A mark is set: what was compared so far counts no longer.";
        });
        CutoverTools cutover = sources.cutover();
        actions.put("cutover", form -> Outcome.of(cutover.cutover(confirmed(form).backup(), form.one("anyway") == null ? null
                : form.required("reason"), form.one("reason")), "smtp-duplicator cutover " + form.backup()));
        actions.put("rollback", form -> Outcome.of(cutover.rollback(confirmed(form).one("reason")), "smtp-duplicator rollback"));
        actions.put("written", form -> Outcome.of(cutover.takeUpWritten(), "smtp-duplicator reload"));
        actions.put("reload", form -> Outcome.of(sources.reload().now("an operator, on the page")));
    }

    /** Does it, and returns what to say. */
    @FunctionalInterface
    private interface Action {

        Notes.Note run(Parameters form);
    }

    /** One that is done when it does not throw. */
    private void add(String name, Function<Parameters, String> action) {
        actions.put(name, form -> Notes.Note.done(action.apply(form)));
    }

    /** @param back where to go on */
    record Done(Notes.Note note, String back) {
    }

    /** @throws RequestException for a form that is none of ours */
    Done run(Parameters form) {
        Action action = actions.get(form.required("action"));
        if (action == null) {
            throw RequestException.wrong("there is no such button");
        }
        String back = back(form.one("back"));
        try {
            return new Done(action.run(form), back);
        } catch (RequestException | SpoolException e) {
            return new Done(Notes.Note.failed("Not done: " + e.getMessage()), back);
        }
    }

    /** Only a page of ours. */
    static String back(String text) {
        return text != null && text.matches("/(page/[a-z]+)?(\\?[!-~]*)?") ? text : "/";
    }

    private static Parameters confirmed(Parameters form) {
        if (form.one("confirmed") == null) {
            throw RequestException.wrong("this needs a confirmation first");
        }
        return form;
    }

    private AgreementTools tools() {
        return agreement.orElseThrow(() -> RequestException.conflict("nothing is compared"));
    }

    /** Does it to the copies that were picked, which a form names {@code backup/id}. */
    private static long picked(Parameters form, BiFunction<List<String>, Selection, Long> what) {
        Map<String, Set<String>> picked = new TreeMap<>();
        for (String pick : form.all("id")) {
            int slash = pick.lastIndexOf('/');
            if (slash < 0) {
                throw RequestException.wrong("a copy is named by its backup and its id");
            }
            picked.computeIfAbsent(pick.substring(0, slash), unused -> new TreeSet<>()).add(pick.substring(slash + 1));
        }
        if (picked.isEmpty()) {
            throw RequestException.wrong("no copy was picked");
        }
        long count = 0;
        for (Map.Entry<String, Set<String>> some : picked.entrySet()) {
            count += what.apply(List.of(some.getKey()), new Selection(some.getValue(), null, null));
        }
        return count;
    }

    /** Copies of one backup that were picked; without any, all of them. */
    private static Selection waiting(Parameters form) {
        Set<String> ids = new TreeSet<>();
        form.all("id").forEach(pick -> ids.add(pick.substring(pick.lastIndexOf('/') + 1)));
        return new Selection(ids, null, null);
    }

    private String retry(Parameters form) {
        List<String> backup = List.of(form.backup());
        Steering.Retried done = steering.retry(backup, waiting(form));
        StringBuilder text = new StringBuilder();
        if (!done.asked().isEmpty()) {
            text.append("It is being asked again now. ");
        }
        text.append(done.held() > 0 ? "What had been put off is tried as soon as the pause ends: " + Words.copies(done.held()) + "."
                : done.released() > 0 ? "What had been put off goes now: " + Words.copies(done.released()) + "."
                : done.asked().isEmpty() ? "Nothing had been put off." : "");
        return text.toString().strip();
    }

    private static String requeued(long count) {
        return "Back in the queue: " + Words.copies(count) + ".";
    }

    private static String deleted(long count) {
        return "Deleted: " + Words.copies(count) + ". The log has a line for each.";
    }

    private static String names(List<String> names) {
        return String.join(", ", names);
    }
}
