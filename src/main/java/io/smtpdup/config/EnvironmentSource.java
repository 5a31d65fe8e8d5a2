package io.smtpdup.config;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads the {@code SMTP_DUP_} variables. */
final class EnvironmentSource {

    /** What every container gets when there is a service named smtp-dup, or smtp-dup-something. */
    private static final Pattern OF_KUBERNETES =
            Pattern.compile("SMTP_DUP_(?:\\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\\w+)?|PORT(?:_\\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)");

    private EnvironmentSource() {
    }

    static Source read(Map<String, String> environment, Findings findings) {
        Map<Key, List<Item>> items = new EnumMap<>(Key.class);
        new TreeMap<>(environment).forEach((name, value) -> {
            if (value.isBlank()) {
                return;
            }
            if (!name.startsWith(Key.VARIABLE_PREFIX)) {
                Suggestion.almostVariable(name).ifPresent(
                        meant -> findings.unknown(name + ": ignored: did you mean " + meant + "?"));
                return;
            }
            Optional<Key> key = Arrays.stream(Key.values()).filter(k -> k.variable().equals(name)).findFirst();
            String text = name.substring(Key.VARIABLE_PREFIX.length()).toLowerCase(Locale.ROOT).replaceFirst("_", ".");
            if (key.isPresent()) {
                items.put(key.get(), List.of(Item.of(key.get().text(), value, name)));
            } else if (Key.DERIVED.contains(text.replaceFirst("_", "."))) {
                findings.problem(name + ": " + Key.DERIVED_PROBLEM);
            } else {
                String ignored = name + ": ignored, there is no such setting";
                if (OF_KUBERNETES.matcher(name).matches()) {
                    findings.warning(ignored);
                } else {
                    findings.unknown(ignored + Suggestion.forKey(text));
                }
            }
        });
        return new Source(items, Map.of());
    }
}
