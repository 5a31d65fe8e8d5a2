package io.smtpdup.command;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a command is run.
 *
 * @param here what the files on the command line are relative to
 * @param directory the relay's, whose application.properties tells where it is
 */
record Place(Path here, Path directory, Map<String, String> environment) {
}
