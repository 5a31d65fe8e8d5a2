package io.smtpdup.config;

import java.util.List;

/**
 * The program cannot start as it is configured. Each problem is one line for the operator: the key, the value without
 * any password, where it came from, and what is allowed. Unchecked, because only {@code main} can do anything about it.
 */
public final class ConfigurationException extends RuntimeException {

    private final List<String> problems;

    /** @param problems at least one */
    public ConfigurationException(List<String> problems) {
        super(problems.get(0) + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : ""));
        this.problems = List.copyOf(problems);
    }

    /** All that is wrong, one line each, in the order in which it was found. */
    public List<String> problems() {
        return problems;
    }
}
