package io.smtpdup.agreement;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/** Both servers side by side: line by line for people, and pair by pair for a table. */
final class SidesText {

    private static final String UNKNOWN = "not known";

    private static final int WIDEST = 60;

    private SidesText() {
    }

    /** What there is to compare, with what the primary has and what the backup has. */
    static Map<String, List<String>> pairs(Report.Servers servers) {
        Map<String, List<String>> pairs = new LinkedHashMap<>();
        pairs.put("name", pair(servers, Sides.Server::name));
        pairs.put("at", pair(servers, Sides.Server::at));
        Set<String> keywords = new TreeSet<>();
        for (Sides.Server server : servers(servers)) {
            keywords.addAll(server.extensions().keySet());
        }
        for (String keyword : keywords) {
            pairs.put(keyword, pair(servers, server -> {
                String parameters = server.extensions().getOrDefault(keyword, "");
                return !parameters.isEmpty() ? parameters : server.has(keyword) ? "yes" : "no";
            }));
        }
        pairs.put("TLS", pair(servers, server -> server.tls() == null ? "no" : server.tls()));
        pairs.put("certificate", pair(servers, server -> server.certificate() == null ? "none" : server.certificate()));
        pairs.put("certificate until", pair(servers, server -> server.certificateUntil() == null ? "none" : server.certificateUntil()));
        pairs.put("recipients", pair(servers, server -> server.recipients() == null ? "no limit seen" : server.recipients().toString()));
        return pairs;
    }

    /** For people; without line ends. */
    static List<String> lines(Report.Servers servers, Sides.@Nullable Seen seen) {
        Map<String, List<String>> pairs = pairs(servers);
        int first = pairs.keySet().stream().mapToInt(String::length).max().orElse(0);
        int second = Math.min(WIDEST, pairs.values().stream().mapToInt(pair -> pair.get(0).length()).max().orElse(0));
        List<String> lines = new ArrayList<>();
        lines.add(padded("", first) + "  " + padded("primary", second) + "  backup");
        pairs.forEach((what, pair) -> lines.add(padded(what, first) + "  " + padded(pair.get(0), second) + "  " + pair.get(1)));
        if (seen != null) {
            lines.add("Of " + Judge.number(seen.mails()) + " mails that the primary took, the largest has " + Fit.size(seen.largest())
                    + ", the one with the most recipients " + Judge.number(seen.mostRecipients()) + "; " + Judge.number(seen.eightBit())
                    + " need 8BITMIME, " + Judge.number(seen.smtpUtf8()) + " SMTPUTF8");
        }
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private interface Shown {

        String of(Sides.Server server);
    }

    private static List<String> pair(Report.Servers servers, Shown shown) {
        return List.of(servers.primary() == null ? UNKNOWN : shown.of(servers.primary()),
                servers.backup() == null ? UNKNOWN : shown.of(servers.backup()));
    }

    private static List<Sides.Server> servers(Report.Servers servers) {
        List<Sides.Server> known = new ArrayList<>();
        if (servers.primary() != null) {
            known.add(servers.primary());
        }
        if (servers.backup() != null) {
            known.add(servers.backup());
        }
        return known;
    }
}
