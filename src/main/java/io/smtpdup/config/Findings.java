package io.smtpdup.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong and what is odd, so that an operator hears all of it at once. */
final class Findings {

    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();

    /** Notes what must stop the start. */
    void problem(String text) {
        problems.add(Mask.line(text));
    }

    /** Notes a file whose settings are not known, which must stop the start as well. */
    void unreadable(String text) {
        unreadable.add(Mask.line(text));
        problem(text);
    }

    List<String> unreadable() {
        return List.copyOf(unreadable);
    }

    /** Notes what the operator should hear of. */
    void warning(String text) {
        warnings.add(Mask.line(text));
    }

    /** Notes what looks like a setting and is none: a check fails with it, a start does not. */
    void unknown(String text) {
        unknown.add(Mask.line(text));
    }

    List<String> unknown() {
        return List.copyOf(unknown);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** @throws ConfigurationException when there is a problem */
    void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
