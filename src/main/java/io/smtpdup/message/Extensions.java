package io.smtpdup.message;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a server announced in its reply to EHLO: keywords in upper case, each with its parameters as one text, empty when
 * there are none (RFC 5321 section 4.1.1.1).
 */
public record Extensions(Map<String, String> keywords) {

    /** Of a server that knows only HELO. */
    public static final Extensions NONE = new Extensions(Map.of());

    private static final Pattern SIZE = Pattern.compile("\\d{1,18}");

    public Extensions {
        keywords = Map.copyOf(keywords);
    }

    /** Reads the reply to EHLO; its first line is the server's greeting. */
    public static Extensions of(Reply ehlo) {
        Map<String, String> keywords = new TreeMap<>();
        ehlo.lines().stream().skip(1).map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            String[] words = line.split("[ =]", 2);
            keywords.put(words[0].toUpperCase(Locale.ROOT), words.length > 1 ? words[1].strip() : "");
        });
        return new Extensions(keywords);
    }

    /** The same but for those, which are in upper case. */
    public Extensions without(Set<String> discarded) {
        Map<String, String> left = new TreeMap<>(keywords);
        left.keySet().removeAll(discarded);
        return new Extensions(left);
    }

    public boolean has(String keyword) {
        return keywords.containsKey(keyword);
    }

    /** The largest message the server takes, in octets; empty when it did not say, or has no limit. */
    public Optional<Long> maxSize() {
        String size = keywords.getOrDefault("SIZE", "");
        return SIZE.matcher(size).matches() && Long.parseLong(size) > 0 ? Optional.of(Long.parseLong(size)) : Optional.empty();
    }
}
