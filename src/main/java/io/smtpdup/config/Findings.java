package io.smtpdup.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong and what is odd, so that an operator hears all of it at once. */
final class Findings {

    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** Notes what must stop the start. */
    void problem(String text) {
        problems.add(Mask.line(text));
    }

    /** Notes what the operator should hear of. */
    void warning(String text) {
        warnings.add(Mask.line(text));
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
