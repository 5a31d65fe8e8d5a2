package io.smtpdup.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a configuration file as text. */
final class TextFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextFile() {
    }

    /**
     * The text of the file in UTF-8 without byte order mark; empty when there is no file, or when it cannot be read,
     * which becomes a problem.
     *
     * @param origin how a problem names the file
     */
    static Optional<String> read(Path file, String origin, Findings findings) {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        if (Files.isDirectory(file)) {
            findings.problem(origin + ": is a directory: must be a file");
            return Optional.empty();
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
            return Optional.of(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            findings.problem(origin + ": must be UTF-8 text");
        } catch (IOException e) {
            findings.unreadable(origin + ": cannot be read (" + e.getClass().getSimpleName() + "): must be a readable file");
        }
        return Optional.empty();
    }
}
