package io.smtpdup.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Several hundred messages that are legal enough to be relayed and nasty enough to be damaged on the way: the same ones
 * in every run. A relay that lets all of them through octet for octet has no opinion about messages.
 */
public final class NastyMessages {

    private static final List<NastyMessage> ALL = Stream.of(
                    NastyDots.messages(),
                    NastyLines.messages(),
                    NastyOctets.messages(),
                    NastyFields.messages(),
                    NastyShapes.messages(),
                    NastySizes.messages())
            .flatMap(messages -> messages)
            .toList();

    static {
        Set<String> names = new HashSet<>();
        ALL.forEach(message -> {
            if (!names.add(message.name())) {
                throw new IllegalStateException("two messages are named " + message.name());
            }
        });
    }

    private NastyMessages() {}

    /** All of them, some 10 MB. */
    public static List<NastyMessage> all() {
        return ALL;
    }

    /** Those of up to 4 KB: most of the nastiness at little cost. */
    public static List<NastyMessage> small() {
        return that(message -> message.octets().length <= 4096);
    }

    /** Those for which this holds. */
    public static List<NastyMessage> that(Predicate<NastyMessage> holds) {
        return ALL.stream().filter(holds).toList();
    }

    public static NastyMessage named(String name) {
        return ALL.stream()
                .filter(message -> message.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no message is named " + name));
    }
}
