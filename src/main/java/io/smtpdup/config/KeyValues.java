package io.smtpdup.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;

import org.apache.camel.util.TimeUtils;

/** The values of keys, checked, for rooms that have many keys of their own. */
public final class KeyValues {

    private final Map<Key, String> values;

    KeyValues(Map<Key, String> values) {
        this.values = Map.copyOf(values);
    }

    /**
     * Those of {@code agreement.}, from the same places, in the same order, as {@link Settings#load(Path, Map)}, without a look at
     * anything else.
     *
     * @throws ConfigurationException when one of them is wrong
     */
    public static KeyValues ofAgreement(Path workingDirectory, Map<String, String> environment) {
        return new SettingsLoader(workingDirectory, SettingsLoader.SYSTEM_FILE, environment, Map.of()).loadAgreement();
    }

    /** What a key that is true or false says. */
    public boolean isOn(Key key) {
        return Boolean.parseBoolean(values.get(key));
    }

    /** What a key like {@code agreement.window} says. */
    public Duration time(Key key) {
        return TimeUtils.toDuration(values.get(key));
    }

    /** What a key that is a number says; empty when it has no default and was not set. */
    public OptionalInt number(Key key) {
        String value = values.get(key);
        return value == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value));
    }

    /** What a key in percent says: 1 is the whole. */
    public double share(Key key) {
        return new BigDecimal(values.get(key)).movePointLeft(2).doubleValue();
    }

    /** What a key that is a word says, in lower case. */
    public String word(Key key) {
        return values.get(key);
    }
}
