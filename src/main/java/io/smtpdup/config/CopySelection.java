package io.smtpdup.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which mails a backup gets, as it stands behind its address: {@code only}, {@code except}, {@code sample} and {@code
 * max_size}, all of which must hold, and whom they are for there ({@code to}).
 *
 * @param only addresses and {@code @domain}s in lower case whose mails it gets; empty for all
 * @param except addresses and {@code @domain}s in lower case whose mails it does not get
 * @param sample the percentage of recipients whose mails it gets; empty for all of them
 * @param maxSize the largest mail that it gets, in octets, our Received field included; empty for no limit
 * @param to the address that all of them go to there, as an archive wants it; empty for their recipients
 */
public record CopySelection(List<String> only, List<String> except, Optional<Double> sample, Optional<Integer> maxSize,
        Optional<String> to) {

    /** Everything. */
    public static final CopySelection ALL = new CopySelection(List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());

    static final Rule LIST = new Rule("addresses and @domains with commas between", value -> {
        List<String> entries = Arrays.asList(value.toLowerCase(Locale.ROOT).split(",", -1));
        if (!entries.stream().allMatch(entry -> entry.matches("[^@\\s,]*@[^@\\s,]+"))) {
            throw new IllegalArgumentException("");
        }
        return String.join(",", entries);
    });

    static final Rule PERCENT = new Rule("a percentage from 0 to 100, like 5 or 0.5", value -> {
        if (!value.matches("[0-9]{1,3}(\\.[0-9]{1,2})?") || Double.parseDouble(value) > 100) {
            throw new IllegalArgumentException("");
        }
        return value;
    });

    static final Rule ADDRESS = new Rule("an address like journal@example.com", value -> {
        if (!value.matches("[^@\\s,]+@[^@\\s,]+")) {
            throw new IllegalArgumentException("");
        }
        return value;
    });

    static final Rule SIZE = Rule.number(1, Integer.MAX_VALUE);

    /** Whether a backup gets everything. */
    public boolean isAll() {
        return equals(ALL);
    }
}
