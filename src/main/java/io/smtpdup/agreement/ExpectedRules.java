package io.smtpdup.agreement;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The differences that the operator expects: lines {@code category | reply | recipient | backup | until | reason}. */
final class ExpectedRules {

    static final ExpectedRules NONE = new ExpectedRules(List.of());

    private final List<ExpectedRule> rules;

    private ExpectedRules(List<ExpectedRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Reads them.
     *
     * @param file how a problem names them
     * @throws BadLineException when one of them is no rule
     */
    static ExpectedRules parse(List<String> lines, String file) throws BadLineException {
        List<ExpectedRule> rules = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                // A reason may have bars in it
                rules.add(ExpectedRule.parse(Arrays.stream(line.split("\\|", 6)).map(String::strip).toArray(String[]::new)));
            } catch (IllegalArgumentException e) {
                throw BadLineException.at(file, i + 1, Objects.requireNonNullElse(e.getMessage(), "cannot be read"));
            }
        }
        return new ExpectedRules(rules);
    }

    /** The result as it counts: a difference that a rule fits is expected. */
    Comparison.Result apply(Comparison.Result result, Comparison comparison, LocalDate today) {
        if (!result.relation().isDisagreement() && result.relation() != Relation.HEALED) {
            return result;
        }
        for (ExpectedRule rule : rules) {
            if (rule.fits(result, comparison, today)) {
                return new Comparison.Result(Relation.EXPECTED, result.category());
            }
        }
        return result;
    }
}
