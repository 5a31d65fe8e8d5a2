package io.smtpdup.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a query in Prometheus's language names: metrics with conditions on their labels, and labels to group by. Read roughly, word
 * by word, which is enough to say whether there are such metrics and labels; whether it is a query at all promtool says.
 */
public final class PromQl {

    /** A text, a number with or without a unit, Grafana's variable, a list of labels, or a name with its conditions. */
    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\b[0-9][\\w.]*|\\$\\w+"
            + "|\\b(?<grouping>by|on|without|ignoring|group_left|group_right)\\b\\s*(?:\\((?<labels>[^)]*)\\))?"
            + "|(?<name>[a-zA-Z_:][\\w:]*)\\s*(?:\\{(?<conditions>(?:[^}\"]|\"(?:[^\"\\\\]|\\\\.)*\")*)\\}|(?<call>\\())?");

    private static final Pattern CONDITION = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static final Set<String> NO_METRICS = Set.of("and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count",
            "topk", "bottomk", "quantile");

    /** A label, {@code =}, {@code !=}, {@code =~} or {@code !~}, and a value. */
    public record Condition(String label, String operator, String value) {

        /** @param actual null when the series has no such label */
        boolean isMetBy(String actual) {
            if (value.contains("$")) {
                return actual != null; // any of those that the dashboard offers
            }
            return switch (operator) {
                case "=" -> value.equals(actual);
                case "=~" -> actual != null && actual.matches(value);
                default -> actual != null; // that there is such a label; what it must not be, nothing may be
            };
        }
    }

    /** A metric and what its labels must be. */
    public record Selector(String metric, List<Condition> conditions) {}

    private final List<Selector> selectors = new ArrayList<>();

    private final Set<String> grouping = new TreeSet<>();

    private final Set<String> kept = new TreeSet<>();

    public PromQl(String query) {
        Matcher word = WORD.matcher(query);
        while (word.find()) {
            if (word.group("labels") != null) {
                List<String> labels = List.of(word.group("labels").trim().split("\\s*,\\s*"));
                grouping.addAll(labels);
                if (word.group("grouping").equals("by")) {
                    kept.addAll(labels);
                }
            } else if (word.group("name") != null && word.group("call") == null && !NO_METRICS.contains(word.group("name"))) {
                selectors.add(new Selector(word.group("name"), conditions(word.group("conditions"))));
            }
        }
    }

    private static List<Condition> conditions(String text) {
        return text == null ? List.of() : CONDITION.matcher(text).results()
                .map(found -> new Condition(found.group(1), found.group(2), found.group(3))).toList();
    }

    public List<Selector> selectors() {
        return selectors;
    }

    /** All labels in {@code by}, {@code on} and the like. */
    public Set<String> grouping() {
        return grouping;
    }

    /** The labels that the result has because of a {@code by}; empty when there is none. */
    public Set<String> kept() {
        return kept;
    }
}
