package io.smtpdup.command;

import java.nio.file.Path;
import java.util.Map;

/** Where a command is run. */
record Place(Path directory, Map<String, String> environment) {
}
