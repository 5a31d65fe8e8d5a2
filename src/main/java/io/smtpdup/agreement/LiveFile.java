package io.smtpdup.agreement;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/** A file of the operator that is read again when it changes. One that cannot be used is said so once, and what it said before stays. */
final class LiveFile<T> {

    /** Makes something of the lines. */
    @FunctionalInterface
    interface Parser<T> {

        T parse(List<String> lines, String file) throws BadLineException;
    }

    /** When, and how large: a change within the clock's step shows in its size, mostly. */
    private record Version(FileTime time, long size) {
    }

    private final @Nullable Path file;

    private final Parser<T> parser;

    private final Consumer<String> problems;

    private final T without;

    private @Nullable Version version;

    private String said = "";

    private volatile T value;

    /**
     * @param file null for none
     * @param without what there is without a file
     * @param problems hears one line for each trouble with the file
     */
    LiveFile(@Nullable Path file, T without, Parser<T> parser, Consumer<String> problems) {
        this.file = file;
        this.parser = parser;
        this.problems = problems;
        this.without = without;
        value = without;
    }

    T get() {
        return value;
    }

    /** Looks whether the file has changed. */
    void refresh() {
        if (file == null) {
            return;
        }
        if (Files.notExists(file)) {
            version = null;
            said = "";
            value = without;
            return;
        }
        try {
            Version now = new Version(Files.getLastModifiedTime(file), Files.size(file));
            if (!now.equals(version)) {
                version = now;
                value = parser.parse(Files.readAllLines(file), file.toString());
                said = "";
            }
        } catch (BadLineException e) {
            say(Objects.requireNonNullElse(e.getMessage(), file.toString()));
        } catch (CharacterCodingException e) {
            say(file + ": must be UTF-8 text");
        } catch (IOException | RuntimeException e) {
            // It may be read another time without having changed
            version = null;
            say(file + ": cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** The same trouble is one line, however often it is looked at. */
    private void say(String problem) {
        if (!problem.equals(said)) {
            said = problem;
            problems.accept(problem + "; what it said before stays");
        }
    }
}
