package io.smtpdup.config;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code application.properties}, and overrides in the same form. */
final class PropertiesSource {

    static final String FILE = "application.properties";

    private static final Pattern INDEXED = Pattern.compile("relay\\.destination_backups\\[(.*)]");

    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,3}");

    private final String origin;
    private final Findings findings;
    private final Map<Key, List<Item>> items = new EnumMap<>(Key.class);
    private final TreeMap<Integer, Item> backups = new TreeMap<>();
    private final Map<String, String> own = new TreeMap<>();

    private PropertiesSource(String origin, Findings findings) {
        this.origin = origin;
        this.findings = findings;
    }

    /** What the file of that directory says; nothing when there is none. */
    static Source read(Path directory, Findings findings) {
        Optional<String> text = TextFile.read(directory.resolve(FILE), FILE, findings);
        return text.isEmpty() ? Source.empty() : of(parse(text.get(), findings), FILE, findings);
    }

    /** What that text says, as if it stood in the file. */
    static Source of(String text, Findings findings) {
        return of(parse(text, findings), FILE, findings);
    }

    static Source of(Map<String, String> properties, String origin, Findings findings) {
        PropertiesSource source = new PropertiesSource(origin, findings);
        new TreeMap<>(properties).forEach(source::add);
        source.addIndexedBackups();
        return new Source(source.items, source.own);
    }

    private static Map<String, String> parse(String text, Findings findings) {
        Map<String, String> properties = new TreeMap<>();
        try {
            new Properties() {
                @Override
                public synchronized Object put(Object key, Object value) {
                    if (properties.put((String) key, (String) value) != null && Key.hasOurPrefix((String) key)) {
                        findings.problem(key + ": is set more than once (" + FILE + "): must be set only once");
                    }
                    return null;
                }
            }.load(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            findings.problem(FILE + ": a \\u is not followed by four hexadecimal digits: write \\\\ for a backslash");
        }
        return properties;
    }

    private void add(String name, String value) {
        Optional<Key> key = Key.of(name);
        Matcher indexed = INDEXED.matcher(name);
        if (key.isPresent()) {
            if (!value.isBlank()) {
                items.put(key.get(), List.of(Item.of(name, value, origin)));
            }
        } else if (indexed.matches()) {
            addBackup(indexed.group(1), Item.of(name, value, origin));
        } else if (Key.DERIVED.contains(name)) {
            findings.problem(name + " (" + origin + "): " + Key.DERIVED_PROBLEM);
        } else if (Key.hasOurPrefix(name)) {
            findings.problem(name + " (" + origin + "): there is no such key" + Suggestion.forKey(name));
        } else {
            Suggestion.almost(name).ifPresent(meant -> findings.unknown(
                    name + " (" + origin + "): treated as a key of your own: did you mean " + meant + "?"));
            own.put(name, value);
        }
    }

    private void addBackup(String index, Item item) {
        if (!INDEX.matcher(index).matches()) {
            findings.problem(item.problem("the index must be a number: [0], [1] and so on"));
        } else if (!item.text().isEmpty()) {
            backups.put(Integer.valueOf(index), item);
        }
    }

    private void addIndexedBackups() {
        if (backups.isEmpty()) {
            return;
        }
        String key = Key.RELAY_DESTINATION_BACKUPS.text();
        if (items.containsKey(Key.RELAY_DESTINATION_BACKUPS)) {
            findings.problem(key + " (" + origin + "): is set both as a list and as " + backups.firstEntry().getValue().label()
                    + ": must be one of the two");
            return;
        }
        for (int i = 0; i < backups.size(); i++) {
            if (!backups.containsKey(i)) {
                findings.problem(key + "[" + i + "] (" + origin + "): not set, but " + backups.lastEntry().getValue().label()
                        + " is: the numbers must start at 0 without gaps");
                break;
            }
        }
        items.put(Key.RELAY_DESTINATION_BACKUPS, new ArrayList<>(backups.values()));
    }
}
