package io.smtpdup.tools;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.message.SteadyClock;
import io.smtpdup.spool.Selection;
import io.smtpdup.trace.TraceQuery;

/**
 * The parameters of a request. One that is misspelt is refused: what an operator means to narrow must not mean everything.
 */
public final class Parameters {

    private static final int LONGEST_LIST = 10_000;

    private static final int USUAL_LIST = 100;

    private static final Set<String> SELECTION = Set.of("backup", "id", "recipient", "reply");

    private static final Set<String> SEVERAL = Set.of("backup", "id", "to");

    private final Map<String, List<String>> values;

    /**
     * @param query as it was sent, see {@link QueryText#read}
     * @param allowed names; one in {@link #SEVERAL} may stand several times
     * @throws RequestException when there is another, or one too often, or one that says nothing
     */
    public Parameters(String query, Set<String> allowed) {
        values = QueryText.read(query);
        values.keySet().stream().filter(name -> !allowed.contains(name)).findFirst().ifPresent(name -> {
            throw RequestException.wrong("there is no parameter " + QueryText.plain(name) + " here, but "
                    + allowed.stream().sorted().collect(Collectors.joining(", ")));
        });
        values.keySet().stream().filter(name -> !SEVERAL.contains(name)).forEach(this::one);
    }

    static Set<String> selectionAnd(String... others) {
        return Stream.concat(SELECTION.stream(), Stream.of(others)).collect(Collectors.toUnmodifiableSet());
    }

    /** Names or addresses; none for all. */
    public List<String> backups() {
        return all("backup");
    }

    /** The one backup that is needed. */
    public String backup() {
        return required("backup");
    }

    public Selection selection() {
        return new Selection(new HashSet<>(all("id")), recipient(), one("reply"));
    }

    /** An address with or without its brackets, or {@code @domain}. */
    private String recipient() {
        String text = one("recipient");
        String address = text == null ? null : text.replaceFirst("^<(.*)>$", "$1").strip();
        if (address != null && (address.isEmpty() || address.equals("@"))) {
            throw RequestException.wrong("the parameter recipient is empty");
        }
        return address;
    }

    /** Refuses a request that means everything without saying so. */
    void requireNarrowOrAll() {
        boolean narrow = SELECTION.stream().anyMatch(values::containsKey);
        if (narrow == flag("all")) {
            throw RequestException.wrong(narrow
                    ? "all=true cannot be combined with a selection"
                    : "select by backup, id, recipient or reply, or use all=true");
        }
    }

    public int limit() {
        return limit(LONGEST_LIST);
    }

    private int limit(int most) {
        String text = one("limit");
        if (text == null) {
            return USUAL_LIST;
        }
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > most) {
            throw RequestException.wrong("limit is a number up to " + most);
        }
        return Integer.parseInt(text);
    }

    /** How many mails are told of. */
    int mails() {
        return limit(TraceTools.MOST);
    }

    /** Which mails are meant. */
    public TraceQuery mail() {
        Instant since = time("since");
        Instant until = time("until");
        if (since != null && until != null && until.isBefore(since)) {
            throw RequestException.wrong("until is before since");
        }
        return new TraceQuery(one("id"), recipient(), one("sender"), since, until);
    }

    /** By the relay's own clock; null when it is not given. */
    private Instant time(String name) {
        String text = one(name);
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant().minus(SteadyClock.system().step());
        } catch (DateTimeException e) {
            throw RequestException.wrong(name + " is a time like 2026-03-01T09:12:30Z");
        }
    }

    /** A number of copies or the like; 0 when it is not given. */
    int count(String name) {
        String text = one(name);
        if (text != null && !text.matches("[0-9]{1,9}")) {
            throw RequestException.wrong(name + " is a number");
        }
        return text == null ? 0 : Integer.parseInt(text);
    }

    boolean flag(String name) {
        String text = one(name);
        if (text != null && !text.equals("true") && !text.equals("false")) {
            throw RequestException.wrong(name + " is true or false");
        }
        return "true".equals(text);
    }

    public String required(String name) {
        String text = one(name);
        if (text == null) {
            throw RequestException.wrong("the parameter " + name + " is missing");
        }
        return text;
    }

    /** Null when it is not given. */
    public String one(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw RequestException.wrong("the parameter " + name + " is given more than once");
        }
        return all.isEmpty() ? null : all.get(0);
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }
}
