package io.smtpdup.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/** Reads the {@code config.yaml} of gosmtp-dup the way viper does: keys in any case of letters, nested or dotted. */
final class YamlSource {

    static final String FILE = "config.yaml";

    private static final int MAX_DEPTH = 10;

    private static final Set<String> NULLS = Set.of("null", "Null", "NULL", "~");

    private final String origin;
    private final Findings findings;
    private final Map<Key, List<Item>> items = new EnumMap<>(Key.class);

    private YamlSource(String origin, Findings findings) {
        this.origin = origin;
        this.findings = findings;
    }

    /** What the working directory's file says, or the system's when the former does not exist; nothing without both. */
    static Source read(Path directory, Path systemFile, Findings findings) {
        Path local = directory.resolve(FILE);
        boolean useSystem = Files.notExists(local);
        String origin = useSystem ? systemFile.toString() : FILE;
        YamlSource source = new YamlSource(origin, findings);
        TextFile.read(useSystem ? systemFile : local, origin, findings).ifPresent(source::parse);
        return new Source(source.items, Map.of());
    }

    private void parse(String text) {
        // Failsafe: every value stays the text the operator wrote, so that 0025 or 1e3 is not made a number on the way.
        LoadSettings settings = LoadSettings.builder()
                .setLabel(origin)
                .setSchema(new FailsafeSchema())
                .setTagConstructors(Map.of(Tag.NULL, node -> null))
                .build();
        try {
            Object root = new Load(settings).loadFromString(text);
            if (root instanceof Map<?, ?> map) {
                add("", map, 0);
            } else if (root != null && !isNull(root)) {
                findings.problem(origin + ": must be a map, like smtp: with listen: below it");
            }
        } catch (MarkedYamlEngineException e) {
            findings.problem(origin + line(e.getProblemMark()) + ": is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            findings.problem(origin + ": is not YAML: " + e.getMessage());
        }
    }

    private void add(String prefix, Map<?, ?> map, int depth) {
        if (depth > MAX_DEPTH) {
            findings.problem(origin + ": maps are nested more than " + MAX_DEPTH + " deep");
            return;
        }
        map.forEach((name, value) -> {
            String path = prefix + String.valueOf(name).toLowerCase(Locale.ROOT);
            Optional<Key> key = Key.of(path);
            if (key.isPresent()) {
                add(key.get(), value);
            } else if (Key.DERIVED.contains(path)) {
                findings.problem(path + " (" + origin + "): " + Key.DERIVED_PROBLEM);
            } else if (value instanceof Map<?, ?> nested) {
                add(path + ".", nested, depth + 1);
            } else {
                findings.unknown(path + " (" + origin + "): ignored, there is no such key" + Suggestion.forKey(path));
            }
        });
    }

    private void add(Key key, Object value) {
        List<Item> found = new ArrayList<>();
        if (value instanceof List<?> list && key.isList()) {
            for (int i = 0; i < list.size(); i++) {
                addScalar(key.text() + "[" + i + "]", list.get(i), found);
            }
        } else {
            addScalar(key.text(), value, found);
        }
        if (!found.isEmpty() && items.put(key, found) != null) {
            findings.problem(key.text() + ": is set more than once (" + origin + "): must be set only once");
        }
    }

    private void addScalar(String label, Object value, List<Item> found) {
        if (value instanceof Map || value instanceof List) {
            findings.problem(label + " (" + origin + "): must be one value, not a " + (value instanceof Map ? "map" : "list"));
        } else if (value != null && !isNull(value)) {
            found.add(Item.of(label, value.toString(), origin));
        }
    }

    private static boolean isNull(Object value) {
        return value.toString().isBlank() || NULLS.contains(value.toString().strip());
    }

    private static String line(Optional<Mark> mark) {
        return mark.map(m -> " line " + (m.getLine() + 1)).orElse("");
    }
}
