package io.smtpdup.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The series of a text that Prometheus collects, and what a query asks of them that there is not. */
public final class Exposition {

    private static final Pattern LINE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})? \\S+$", Pattern.MULTILINE);

    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Prometheus itself, or the blackbox exporter, says these. */
    private static final Set<String> OF_OTHERS = Set.of("up", "probe_success");

    /** Prometheus puts these to every series. */
    private static final Set<String> OF_TARGETS = Set.of("job", "instance");

    private final Map<String, List<Map<String, String>>> series = new TreeMap<>();

    public Exposition(String text) {
        for (MatchResult line : LINE.matcher(text).results().toList()) {
            Map<String, String> labels = line.group(2) == null ? Map.of() : LABEL.matcher(line.group(2)).results()
                    .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
            series.computeIfAbsent(line.group(1), name -> new ArrayList<>()).add(labels);
        }
    }

    /**
     * What a query names that this text does not have.
     *
     * @param shown labels that somebody wants to see of the result
     */
    public List<String> missing(String query, Set<String> shown) {
        List<String> missing = new ArrayList<>();
        PromQl parts = new PromQl(query);
        if (parts.selectors().isEmpty()) {
            missing.add("no metric in " + query);
        }
        Set<String> labels = new TreeSet<>(OF_TARGETS);
        for (PromQl.Selector selector : parts.selectors()) {
            List<Map<String, String>> named = series.getOrDefault(selector.metric(), List.of());
            named.forEach(one -> labels.addAll(one.keySet()));
            if (!OF_OTHERS.contains(selector.metric()) && named.stream().noneMatch(one -> fits(selector, one))) {
                missing.add("no series " + selector);
            }
        }
        parts.grouping().stream().filter(label -> !labels.contains(label))
                .forEach(label -> missing.add("no label " + label + " in " + query));
        Set<String> left = parts.kept().isEmpty() ? labels : parts.kept();
        shown.stream().filter(label -> !left.contains(label)).forEach(label -> missing.add("nothing to show as " + label + " of " + query));
        return missing;
    }

    private static boolean fits(PromQl.Selector selector, Map<String, String> labels) {
        return selector.conditions().stream().filter(condition -> !OF_TARGETS.contains(condition.label()))
                .allMatch(condition -> condition.isMetBy(labels.get(condition.label())));
    }
}
