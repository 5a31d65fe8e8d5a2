package io.smtpdup.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command must know to find the running relay. It is read without a look at anything else, so that the relay can be
 * asked by somebody whose other settings are missing or wrong.
 *
 * @param port 0 when the system chose it, so that it is not known
 * @param token empty when the tools ask for none
 * @param unreadable a line for each file that may name another port and that this user may not read; usually empty
 */
public record ManagementSettings(String host, int port, Optional<String> token, List<String> unreadable) {

    /**
     * Reads them from the same places, in the same order, as {@link Settings#load(Path, Map)}.
     *
     * @throws ConfigurationException when one of them is wrong
     */
    public static ManagementSettings load(Path workingDirectory, Map<String, String> environment) {
        return new SettingsLoader(workingDirectory, SettingsLoader.SYSTEM_FILE, environment, Map.of()).loadManagement();
    }
}
