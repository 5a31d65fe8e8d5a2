package io.smtpdup.server;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.smtpdup.message.Path;
import io.smtpdup.message.Path.MalformedPathException;

/**
 * The argument of MAIL or RCPT: a path, and the parameters behind it.
 *
 * @param path the address
 * @param parameters by upper-case keyword
 */
record PathArgument(Path path, Map<String, String> parameters) {

    /**
     * Reads an argument.
     *
     * @param argument what followed the verb
     * @param label {@code FROM:} or {@code TO:}, in any case of letters; blanks may follow it, as many clients send them
     * @return empty when the label is missing or the parameters are malformed
     * @throws MalformedPathException when there is no path where one is due
     */
    static Optional<PathArgument> parse(String argument, String label) throws MalformedPathException {
        if (!argument.toUpperCase(Locale.ROOT).startsWith(label)) {
            return Optional.empty();
        }
        String text = CommandLine.blanksRemoved(argument.substring(label.length()));
        Path path = Path.parse(text);
        return EsmtpParameters.parse(text.substring(path.end())).map(parameters -> new PathArgument(path, parameters));
    }
}
