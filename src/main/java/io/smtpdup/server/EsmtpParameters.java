package io.smtpdup.server;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what follows a path: blank-separated {@code KEYWORD} or {@code KEYWORD=value} (RFC 5321 section 4.1.2). */
final class EsmtpParameters {

    /** The value: any ASCII but "=", SP and controls, and with SMTPUTF8 what is above (RFC 6531 section 3.3). */
    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\\x{a0}-\\x{10ffff}]+))?");

    private EsmtpParameters() {
    }

    /**
     * The parameters by upper-case keyword, in their order; a keyword without a value maps to the empty text. Empty when
     * the text breaks the grammar or names a keyword twice.
     *
     * @param text what followed the path; must be empty or begin with a blank
     */
    static Optional<Map<String, String>> parse(String text) {
        if (!text.isEmpty() && text.charAt(0) != ' ') {
            return Optional.empty();
        }
        if (text.isEmpty()) {
            return Optional.of(Map.of());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String word : CommandLine.blanksRemoved(text).split(" +")) {
            if (word.isEmpty()) {
                continue;
            }
            var matcher = PARAMETER.matcher(word);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String value = matcher.group(2) == null ? "" : matcher.group(2);
            if (parameters.put(matcher.group(1).toUpperCase(Locale.ROOT), value) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }
}
