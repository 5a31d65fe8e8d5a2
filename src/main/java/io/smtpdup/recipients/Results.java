package io.smtpdup.recipients;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.smtpdup.message.RecipientAnswers.SaidTo;
import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;

/** What is known of each address of a list so far. Safe for use by several threads. */
final class Results {

    /** More of a reply is not kept: there may be a hundred thousand of them. */
    private static final int LONGEST = 200;

    /** What came of an address. */
    enum Fate {

        /** The backup would take a mail for it. */
        TAKEN,

        /** It refuses it for good. */
        REFUSED,

        /** It was asked, and said nothing clear, or not now. */
        UNCLEAR,

        /** It takes any address of that domain, so that it was not asked about this one. */
        CATCH_ALL,

        /** It was not asked. */
        NOT_ASKED;

        private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** As answers and metrics name it. */
        String text() {
            return text;
        }
    }

    /** Of one address; the reply is null when there was none. */
    record Result(Fate fate, SaidTo saidTo, @Nullable Reply reply) {

        static final Result NOT_ASKED = new Result(Fate.NOT_ASKED, SaidTo.NOT_ASKED, null);

        static final Result TAKEN = new Result(Fate.TAKEN, SaidTo.RCPT, null);

        static final Result CATCH_ALL = new Result(Fate.CATCH_ALL, SaidTo.NOT_ASKED, null);
    }

    /** Those that were taken are counted and no longer here. */
    private final Map<String, Result> addresses = new LinkedHashMap<>();

    private final EnumMap<Fate, Integer> counts = new EnumMap<>(Fate.class);

    private final Set<String> catchAll = new TreeSet<>();

    Results(Collection<String> addresses) {
        addresses.forEach(address -> this.addresses.put(address, Result.NOT_ASKED));
        for (Fate fate : Fate.values()) {
            counts.put(fate, 0);
        }
        counts.put(Fate.NOT_ASKED, this.addresses.size());
    }

    /** Those of which nothing final is known. */
    synchronized List<String> open() {
        List<String> open = new ArrayList<>();
        addresses.forEach((address, result) -> {
            if (result.fate == Fate.NOT_ASKED || result.fate == Fate.UNCLEAR) {
                open.add(address);
            }
        });
        return open;
    }

    synchronized void taken(String address) {
        set(address, Result.TAKEN);
    }

    synchronized void refused(String address, Reply reply) {
        set(address, new Result(Fate.REFUSED, SaidTo.RCPT, cut(reply)));
    }

    synchronized void unclear(String address, SaidTo saidTo, @Nullable Reply reply) {
        set(address, new Result(Fate.UNCLEAR, saidTo, reply == null ? null : cut(reply)));
    }

    synchronized void meansNothing(String address) {
        set(address, Result.CATCH_ALL);
    }

    synchronized void takesAny(String domain) {
        catchAll.add(domain);
    }

    synchronized int count(Fate fate) {
        return counts.getOrDefault(fate, 0);
    }

    /** The domains of which the backup takes any address. */
    synchronized List<String> catchAll() {
        return List.copyOf(catchAll);
    }

    /** Those that were not taken, in the order of the list. */
    synchronized List<Map.Entry<String, Result>> notTaken() {
        return addresses.entrySet().stream().map(Map.Entry::copyOf).toList();
    }

    private void set(String address, Result result) {
        Result before = addresses.get(address);
        if (before == null) {
            return; // it was taken, or was never in the list
        }
        counts.merge(before.fate, -1, Integer::sum);
        counts.merge(result.fate, 1, Integer::sum);
        if (result.fate == Fate.TAKEN) {
            addresses.remove(address);
        } else {
            addresses.put(address, result);
        }
    }

    private static Reply cut(Reply reply) {
        String text = String.join(" ", reply.lines());
        return text.length() <= LONGEST && reply.lines().size() == 1 ? reply
                : new Reply(reply.code(), List.of(text.substring(0, Math.min(text.length(), LONGEST))));
    }
}
