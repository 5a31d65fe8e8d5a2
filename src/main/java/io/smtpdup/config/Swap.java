package io.smtpdup.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * Primary and one backup change places: what the two settings say that tell who is who, where they stand, and what they must say then. What is
 * written there is kept, {@code {{env:NAME}}} and logins too; options that a primary cannot have are taken off, and given back on the way
 * back. Reads the files when it is made.
 */
public final class Swap {

    private static final Set<String> OF_PRIMARY = Set.of("tls");

    private static final DateTimeFormatter ASIDE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final String BACKUPS = Key.RELAY_DESTINATION_BACKUPS.text();

    private final Path directory;

    private final Map<String, String> environment;

    /** Of application.properties when this was made; null when there is none. */
    private final @Nullable String text;

    private final Items items;

    private final Item primary;

    /** Each backup by itself. */
    private final List<Item> backups;

    /** What the setting says; as many as there are backups when it is written with numbers. */
    private final List<Item> list;

    private final int place;

    private final String options;

    private Swap(Path directory, Map<String, String> environment, @Nullable String text, Map<Key, List<Item>> written, String backup,
            String options) {
        this.directory = directory;
        this.environment = environment;
        this.text = text;
        this.options = options;
        items = new Items(environment);
        primary = written.get(Key.RELAY_DESTINATION_PRIMARY).get(0);
        list = written.getOrDefault(Key.RELAY_DESTINATION_BACKUPS, List.of());
        backups = list.stream().flatMap(item -> isNumbered(item) ? List.of(item).stream()
                : Items.split(item.text()).stream().map(one -> Item.of(item.label(), one, item.origin()))).toList();
        place = IntStream.range(0, backups.size()).filter(i -> backup.equals(name(backups.get(i)))).findFirst().orElse(-1);
        if (place < 0) {
            throw new IllegalArgumentException(backup + " does not stand by itself in " + BACKUPS + " ("
                    + list.stream().map(Item::origin).distinct().collect(Collectors.joining(", ")) + "), so the two lines cannot be written for you");
        }
    }

    /**
     * Of the settings as they are written now.
     *
     * @param environment of the relay's process
     * @param backup the name of the one that becomes the primary
     * @param options what it had taken off when it was a backup before, as {@link #takenOff} said of the primary; empty for none
     * @throws IllegalArgumentException when the two settings cannot be understood
     */
    public static Swap of(Path directory, Map<String, String> environment, String backup, String options) {
        try {
            Path file = directory.resolve(PropertiesSource.FILE);
            String text = Files.exists(file) ? Files.readString(file) : null;
            Map<Key, List<Item>> written = loader(directory, environment, text).asWritten();
            if (!written.containsKey(Key.RELAY_DESTINATION_PRIMARY)) {
                throw new IllegalArgumentException(Key.RELAY_DESTINATION_PRIMARY.text() + " is not set");
            }
            return new Swap(directory, environment, text, written, backup, options);
        } catch (ConfigurationException e) {
            throw new IllegalArgumentException(String.join("; ", e.problems()), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(PropertiesSource.FILE + " cannot be read: " + e, e);
        }
    }

    private static SettingsLoader loader(Path directory, Map<String, String> environment, @Nullable String text) {
        SettingsLoader loader = new SettingsLoader(directory, SettingsLoader.SYSTEM_FILE, environment, Map.of());
        return text == null ? loader : loader.withProperties(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    /** What would be wrong with the settings afterwards, a line each; empty when nothing is, or they are not in one file. */
    public List<String> problems() {
        if (!isInOneFile() || text == null) {
            return List.of();
        }
        try {
            loader(directory, environment, SettingsFile.with(text, values())).load();
            return List.of();
        } catch (ConfigurationException e) {
            return e.problems();
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** By which two who have read the file know whether they have read the same; empty without a file. */
    public String digest() {
        try {
            return text == null ? "" : HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Empty when the placeholder in it has no value, or several. */
    private String name(Item item) {
        try {
            List<Item> expanded = items.expand(Key.RELAY_DESTINATION_BACKUPS, List.of(item));
            return expanded.size() == 1 ? Destination.nameOf(expanded.get(0).text()).orElse("") : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static boolean isNumbered(Item item) {
        return !item.label().equals(BACKUPS);
    }

    /** The options that the backup loses when it becomes the primary, as they stand behind a {@code ?}; empty for none. */
    public String takenOff() {
        return options(backups.get(place).text()).stream().filter(option -> !isOfPrimary(option)).collect(Collectors.joining("&"));
    }

    private static boolean isOfPrimary(String option) {
        return OF_PRIMARY.contains(option.replaceFirst("=.*", "").toLowerCase(Locale.ROOT));
    }

    private static List<String> options(String text) {
        int mark = mark(text);
        return mark < 0 ? List.of() : Arrays.asList(text.substring(mark + 1).split("&"));
    }

    /** Where the options begin: a password has no question mark, which is percent-encoded in it. */
    private static int mark(String text) {
        return text.indexOf('?');
    }

    private static String address(String text) {
        int mark = mark(text);
        return mark < 0 ? text : text.substring(0, mark);
    }

    private static String with(String address, List<String> options) {
        return options.isEmpty() ? address : address + "?" + String.join("&", options);
    }

    private String newPrimary() {
        String text = backups.get(place).text();
        return with(address(text), options(text).stream().filter(Swap::isOfPrimary).toList());
    }

    private String newBackup() {
        List<String> all = new ArrayList<>(options(primary.text()));
        all.addAll(options.isEmpty() ? List.of() : Arrays.asList(options.split("&")));
        return with(address(primary.text()), all);
    }

    /** What must be said, by the names of keys as they are written. */
    private Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(primary.label(), newPrimary());
        if (isNumbered(backups.get(place))) {
            values.put(backups.get(place).label(), newBackup());
        } else {
            List<String> all = new ArrayList<>(backups.stream().map(Item::text).toList());
            all.set(place, newBackup());
            values.put(BACKUPS, String.join(list.get(0).text().contains(",") || all.size() == 1 ? "," : " ", all));
        }
        return values;
    }

    /** Whether both stand in {@code application.properties}, where they can be written for the operator. */
    public boolean isInOneFile() {
        return primary.origin().equals(PropertiesSource.FILE) && backups.get(place).origin().equals(PropertiesSource.FILE);
    }

    /** Where they stand, for people: a file, or variables of the environment. */
    public String origin() {
        return primary.origin().equals(backups.get(place).origin()) ? primary.origin() : primary.origin() + " and " + backups.get(place).origin();
    }

    /** Whether this user may write there, which another may although this one may not. */
    public boolean isWritable() {
        try {
            Path real = file().toRealPath();
            return Files.isWritable(real) && Files.isWritable(real.getParent());
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether one of them comes from the environment, which a running process does not see change. */
    public boolean isInEnvironment() {
        return primary.origin().startsWith(Key.VARIABLE_PREFIX) || backups.get(place).origin().startsWith(Key.VARIABLE_PREFIX);
    }

    /** The file, when {@link #isInOneFile}; may be a link. */
    public Path file() {
        return directory.resolve(PropertiesSource.FILE);
    }

    /**
     * What must be written, in the form of the place where each of them stands. A password is shown as {@code ***}, and a placeholder as it
     * is.
     */
    public List<String> lines() {
        Map<String, String> values = values();
        return List.of(line(primary, values.get(primary.label())), line(backups.get(place), values.values().stream().skip(1).findFirst().orElseThrow()));
    }

    private String line(Item item, String value) {
        String shown = Mask.keepingPlaceholders(value);
        if (item.origin().startsWith(Key.VARIABLE_PREFIX)) {
            return item.origin() + "=" + shown;
        } else if (item.origin().equals(PropertiesSource.FILE)) {
            return item.label() + "=" + shown;
        }
        String key = Key.of(item.label()).map(Key::text).orElse(BACKUPS);
        return item == primary ? key + ": '" + shown + "'" : key + ": [" + backups.stream()
                .map(one -> "'" + Mask.keepingPlaceholders(one == item ? newBackup() : one.text()) + "'").collect(Collectors.joining(", ")) + "]";
    }

    /** What the file as it was is called from a switch at that moment on, beside it. */
    public static String aside(Instant now) {
        return PropertiesSource.FILE + ".before-" + ASIDE.format(now);
    }

    /**
     * Writes both into {@code application.properties}, which stays as it was otherwise. To be called once.
     *
     * @param aside as {@link #aside} says
     * @return what takes it back
     * @throws IOException when this user may not write there, or the file is another than when this was made; then nothing has changed
     * @throws IllegalArgumentException when the file sets a key twice
     * @throws IllegalStateException when not {@link #isInOneFile}
     */
    public Undo write(String aside) throws IOException {
        if (!isInOneFile() || text == null) {
            throw new IllegalStateException("the settings do not stand in " + PropertiesSource.FILE);
        }
        String before = text;
        String after = SettingsFile.with(before, values());
        SettingsFile.replace(file(), before, after, aside);
        return () -> {
            SettingsFile.replace(file(), after, before, aside + ".undone");
            Files.deleteIfExists(file().toRealPath().resolveSibling(aside + ".undone"));
            Files.deleteIfExists(file().toRealPath().resolveSibling(aside));
        };
    }

    /** Takes back what was written. */
    @FunctionalInterface
    public interface Undo {

        /** @throws IOException when the file cannot be written any more, or somebody has changed it since */
        void run() throws IOException;
    }
}
