package io.smtpdup.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.smtpdup.net.TlsMode;

/** Makes settings of all sources: merges them key by key, checks each value, then whether the values fit together. */
final class SettingsLoader {

    static final Path SYSTEM_FILE = Path.of("/etc/smtp-dup/config.yaml");

    private static final String NO_PRIMARY = Key.RELAY_DESTINATION_PRIMARY.text() + ": not set: write "
            + Key.RELAY_DESTINATION_PRIMARY.text() + "=host:port into " + PropertiesSource.FILE + ", or set the variable "
            + Key.RELAY_DESTINATION_PRIMARY.variable() + ", or put destination_primary below relay: in " + YamlSource.FILE
            + "; to try the program without a mail server, start it with --demo";

    private final Path workingDirectory;
    private final Path systemFile;
    private final Map<String, String> environment;
    private final Map<String, String> overrides;

    /** In the place of application.properties; null for the file. */
    private String properties;

    private final Items items;
    private final Findings findings = new Findings();
    private final Map<Key, List<Item>> given = new EnumMap<>(Key.class);
    private final Map<Key, String> values = new EnumMap<>(Key.class);

    /** @param systemFile the config.yaml to read when the working directory has none; need not exist */
    SettingsLoader(Path workingDirectory, Path systemFile, Map<String, String> environment, Map<String, String> overrides) {
        this.workingDirectory = workingDirectory;
        this.systemFile = systemFile;
        this.environment = environment;
        this.overrides = overrides;
        this.items = new Items(environment);
    }

    /** As if application.properties had this text. */
    SettingsLoader withProperties(String text) {
        properties = text;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    Settings load() {
        Map<String, String> own = read(findings);
        Stream.of(Key.values()).forEach(this::check);
        List<Placed> primary = destinations(Key.RELAY_DESTINATION_PRIMARY);
        List<Placed> backups = destinations(Key.RELAY_DESTINATION_BACKUPS);
        new FileChecks(workingDirectory, given, values, findings).run();
        new NetworkChecks(given, values, findings).run(primary, backups);
        windowFitsIntoWhatIsKept();
        if (!given.containsKey(Key.RELAY_DESTINATION_PRIMARY)) {
            findings.problem(NO_PRIMARY);
        }
        findings.throwIfAny();
        return new Settings(workingDirectory, values, primary.get(0).destination(),
                backups.stream().map(Placed::destination).toList(), own, findings.warnings(),
                findings.unknown());
    }

    private void windowFitsIntoWhatIsKept() {
        if (!values.containsKey(Key.AGREEMENT_WINDOW) || !values.containsKey(Key.AGREEMENT_RETAIN)) {
            return;
        }
        KeyValues agreement = new KeyValues(values);
        Duration retain = agreement.time(Key.AGREEMENT_RETAIN);
        // What just got too old is missing at the beginning, and at the end what has not come yet
        if (agreement.time(Key.AGREEMENT_WINDOW).plusDays(1).compareTo(retain) > 0) {
            neverReady(Key.AGREEMENT_WINDOW, "agreement.retain must be at least a day longer than agreement.window");
        }
        if (agreement.number(Key.AGREEMENT_DAYS).orElse(0) > retain.toDays()) {
            neverReady(Key.AGREEMENT_DAYS, "agreement.retain must be at least as many days as agreement.days");
        }
    }

    private void neverReady(Key wanted, String rule) {
        Key key = given.containsKey(wanted) ? wanted : Key.AGREEMENT_RETAIN;
        findings.problem(given.get(key).get(0).problem("what is kept is shorter than what is needed, so no backup would ever be ready: "
                + rule));
    }

    /** @throws ConfigurationException when one of these is wrong; what else is wrong is the relay's business */
    ManagementSettings loadManagement() {
        Findings files = new Findings();
        read(files);
        List<String> unreadable = given.containsKey(Key.MANAGEMENT_PORT) ? List.of() : files.unreadable();
        Stream.of(Key.MANAGEMENT_HOST, Key.MANAGEMENT_PORT, Key.MANAGEMENT_TOKEN).forEach(this::check);
        findings.throwIfAny();
        return new ManagementSettings(values.get(Key.MANAGEMENT_HOST), Integer.parseInt(values.get(Key.MANAGEMENT_PORT)),
                Optional.ofNullable(values.get(Key.MANAGEMENT_TOKEN)), unreadable);
    }

    /** @throws ConfigurationException when one of {@code agreement.} is wrong, or nobody knows what a file says of them */
    KeyValues loadAgreement() {
        Findings files = new Findings();
        read(files);
        files.unreadable().forEach(findings::problem);
        Stream.of(Key.values()).filter(key -> key.text().startsWith("agreement.")).forEach(this::check);
        findings.throwIfAny();
        return new KeyValues(values);
    }

    /**
     * What the sources say of each key, unchecked, with its placeholders.
     *
     * @throws ConfigurationException when a source cannot be read
     */
    Map<Key, List<Item>> asWritten() {
        Findings sources = new Findings();
        read(sources);
        sources.throwIfAny();
        return given;
    }

    /** Leaves in {@link #given} what the sources say of each key. Returns the operator's own keys. */
    private Map<String, String> read(Findings findings) {
        // The first one to name a key wins.
        List<Source> sources = List.of(
                PropertiesSource.of(overrides, "override", findings),
                EnvironmentSource.read(environment, findings),
                properties == null ? PropertiesSource.read(workingDirectory, findings) : PropertiesSource.of(properties, findings),
                YamlSource.read(workingDirectory, systemFile, findings));
        Map<String, String> own = new HashMap<>();
        for (Source source : sources) {
            source.items().forEach(given::putIfAbsent);
            source.own().forEach(own::putIfAbsent);
        }
        return own;
    }

    /** A destination with the place it was read from. */
    record Placed(Item item, Destination destination) {
    }

    /** Leaves the key's canonical value in {@link #values}, and nothing there when it is wrong or has none. */
    private void check(Key key) {
        if (!given.containsKey(key)) {
            key.defaultValue().ifPresent(value -> values.put(key, value));
            return;
        }
        List<String> canonical = new ArrayList<>();
        try {
            given.put(key, items.expand(key, given.get(key)));
        } catch (IllegalArgumentException e) {
            findings.problem(e.getMessage());
            return;
        }
        if (given.get(key).isEmpty()) {
            // Nothing but commas counts as not set.
            given.remove(key);
            check(key);
            return;
        }
        for (Item item : given.get(key)) {
            try {
                canonical.add(key.check(item.text()));
            } catch (IllegalArgumentException e) {
                String detail = e.getMessage().isEmpty() ? "" : e.getMessage() + "; ";
                findings.problem(item.problem(detail + "must be " + key.allowed()));
            }
        }
        if (canonical.size() == given.get(key).size()) {
            values.put(key, String.join(",", canonical));
        }
    }

    private List<Placed> destinations(Key key) {
        if (!values.containsKey(key)) {
            return List.of();
        }
        TlsMode tls = TlsMode.valueOf(values.getOrDefault(Key.RELAY_TLS, "offered").toUpperCase(Locale.ROOT));
        return given.get(key).stream().map(item -> new Placed(item, Destination.parse(item.text(), tls))).toList();
    }
}
