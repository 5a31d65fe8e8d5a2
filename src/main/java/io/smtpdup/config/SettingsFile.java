package io.smtpdup.config;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@code application.properties} in which some values are replaced, and every other octet stays as an operator wrote it: comments, order,
 * ends of lines.
 */
final class SettingsFile {

    /** A backslash and the character behind it, which may be the end of a line; at the end of the text there is none. */
    private static final String ESCAPE = "\\\\(?:\\r\\n|[\\s\\S]|\\z)";

    /** A line with those that continue it; a comment is never continued. */
    private static final Pattern LINE = Pattern.compile("[ \\t\\f]*+(?:[#!][^\\r\\n]*+|[^\\\\\\r\\n]*+(?:" + ESCAPE
            + "[^\\\\\\r\\n]*+)*+)(?:\\r\\n|\\r|\\n|\\z)");

    /** White space and a key, and what stands between it and its value. */
    private static final Pattern HEAD = Pattern.compile("([ \\t\\f]*+[^\\\\\\s=:]*+(?:" + ESCAPE + "[^\\\\\\s=:]*+)*+)"
            + "((?:[ \\t\\f]|\\\\(?:\\r\\n|\\r|\\n))*+[=:]?(?:[ \\t\\f]|\\\\(?:\\r\\n|\\r|\\n))*+)");

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final Logger LOG = LoggerFactory.getLogger(SettingsFile.class);

    private SettingsFile() {
    }

    /**
     * The same text with other values.
     *
     * @param values by the names of keys, each of which the text sets once
     * @throws IllegalArgumentException when it does not, or a value has control characters
     */
    static String with(String text, Map<String, String> values) {
        if (values.values().stream().anyMatch(value -> value.chars().anyMatch(Character::isISOControl))) {
            throw new IllegalArgumentException("a value has control characters");
        }
        StringBuilder changed = new StringBuilder();
        Matcher lines = LINE.matcher(text);
        int replaced = 0;
        int end = 0;
        if (text.startsWith(BYTE_ORDER_MARK)) {
            changed.append(BYTE_ORDER_MARK);
            end = 1;
        }
        while (end < text.length()) {
            if (!lines.find(end) || lines.start() != end) {
                throw new IllegalArgumentException("the file cannot be read from octet " + end + " on");
            }
            String line = lines.group();
            String key = key(line);
            if (key != null && values.containsKey(key)) {
                changed.append(replaced(line, values.get(key)));
                replaced++;
            } else {
                changed.append(line);
            }
            end = lines.end();
        }
        if (replaced != values.size()) {
            throw new IllegalArgumentException("the file sets each of " + values.keySet() + " not once");
        }
        return changed.toString();
    }

    /** Null for a line that sets nothing. */
    private static String key(String line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            return null; // a \\u without four digits, which is reported where settings are read
        }
        return one.isEmpty() ? null : one.stringPropertyNames().iterator().next();
    }

    private static String replaced(String line, String value) {
        Matcher head = HEAD.matcher(line);
        if (!head.lookingAt()) {
            throw new IllegalArgumentException("a line of the file cannot be read");
        }
        String between = head.group(2);
        return head.group(1) + (between.isEmpty() || between.contains("\\") ? "=" : between) + escaped(value)
                + (line.endsWith("\r\n") ? "\r\n" : line.endsWith("\n") ? "\n" : line.endsWith("\r") ? "\r" : "");
    }

    private static String escaped(String value) {
        String text = value.replace("\\", "\\\\");
        return text.startsWith(" ") ? "\\" + text : text;
    }

    /**
     * Puts a text into the file's place at once, or not at all, with the file's owner and mode. Behind a link, the file that it leads to is
     * replaced.
     *
     * @param before what the file must have now
     * @param aside where the former text is kept, in the same directory
     * @throws IOException when the file cannot be written by this user, or is another by now; then it is as it was
     */
    static void replace(Path file, String before, String after, String aside) throws IOException {
        Path real = file.toRealPath();
        Path old = real.resolveSibling(aside);
        Path fresh = real.resolveSibling("." + real.getFileName() + "." + ProcessHandle.current().pid());
        boolean moved = false;
        if (Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(old.toString());
        }
        try {
            copy(real, before, old);
            copy(real, after, fresh);
            if (!Files.readString(real).equals(before)) {
                throw new IOException(file + " was changed by somebody else meanwhile");
            }
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(fresh);
                Files.deleteIfExists(old);
            }
        }
        try (FileChannel directory = FileChannel.open(real.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            LOG.debug("{} is replaced, and perhaps not after the machine loses its power now", file, e);
        }
    }

    /** A new file that is like another in all but its text. */
    private static void copy(Path like, String text, Path target) throws IOException {
        Files.copy(like, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS); // its mode, before what it hides
        PosixFileAttributes wanted = Files.readAttributes(like, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        PosixFileAttributes made = view.readAttributes();
        if (!made.owner().equals(wanted.owner())) {
            view.setOwner(wanted.owner());
        }
        GroupPrincipal group = wanted.group();
        if (!made.group().equals(group)) {
            view.setGroup(group);
        }
        view.setPermissions(wanted.permissions());
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer octets = StandardCharsets.UTF_8.encode(text);
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
        }
    }
}
