package io.smtpdup.spool;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.SteadyClock;
import org.apache.camel.Message;
import org.apache.camel.converter.stream.FileInputStreamCache;

/**
 * Where a copy lies that its queue has not taken, because the broker is away, mute, full or broken: two files of its own below
 * the spool's directory, the mail's octets and, written after them, all the rest. A copy is here when the second one is
 * whole and both are on the disk. Safe for use by several threads.
 */
final class Overflow {

    private static final String CONTENT = ".eml";

    private static final String COPY = ".copy";

    private static final String HALF = ".part";

    private static final int VERSION = 1;

    private static final Pattern NAME = Pattern.compile("0(\\d{18})-.*");

    private final SpoolDirectory directory;

    private final AtomicInteger count = new AtomicInteger();

    /** The number at the beginning of the last copy's name: the time, or one more than the last when that is no later. */
    private final AtomicLong last = new AtomicLong();

    private volatile boolean open;

    Overflow(SpoolDirectory directory) {
        this.directory = directory;
    }

    /** A copy that waits here. */
    record Kept(String queue, StoredMail mail) {
    }

    /** Finds what an earlier process has left, and clears away what it did not finish. */
    void open() throws IOException {
        PrivateFiles.directory(path());
        List<Path> copies = files(COPY);
        Set<Path> contents = copies.stream().map(Overflow::content).collect(Collectors.toSet());
        for (Path file : files("")) {
            String name = file.getFileName().toString();
            if (name.endsWith(HALF) || name.endsWith(CONTENT) && !contents.contains(file)) {
                Files.deleteIfExists(file);
            }
        }
        copies.stream().mapToLong(Overflow::number).max().ifPresent(last::set);
        count.set(copies.size());
        open = true;
    }

    void close() {
        open = false;
    }

    /** Whether copies can be kept, as far as that is not the disk's to say. */
    boolean isOpen() {
        return open;
    }

    /** How many copies wait here. */
    int count() {
        return count.get();
    }

    /**
     * Keeps a copy; it is on the disk on return.
     *
     * @param mail with the headers of an envelope
     * @throws IOException when it cannot be kept, and is not
     */
    void keep(Message mail, String queue) throws IOException {
        if (!open) {
            throw new IOException("the spool is closed");
        }
        directory.requireRoom(mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class));
        StoredMail stored = StoredMail.of(mail);
        long number = last.updateAndGet(before -> Math.max(before + 1, SteadyClock.system().millis()));
        String name = "%019d-%s".formatted(number, UUID.randomUUID());
        Path copy = path().resolve(name + COPY);
        try (InputStream content = (InputStream) stored.content()) {
            write(content(copy), stored.content()::writeTo);
            write(copy, out -> out.write(describe(queue, stored.properties(), stored.recipients())));
            PrivateFiles.sync(path());
            count.incrementAndGet();
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(copy);
            Files.deleteIfExists(content(copy));
            throw e;
        }
    }

    /** The copies that wait here, the oldest first. */
    List<Path> all() throws IOException {
        return files(COPY);
    }

    /** For which queue one of {@link #all()} is; empty when that cannot be read. */
    String queue(Path copy) {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(copy, LinkOption.NOFOLLOW_LINKS))) {
            return in.readInt() == VERSION ? in.readUTF() : "";
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Reads one of {@link #all()}, whose octets may be damaged; the caller closes them.
     *
     * @throws IOException when it cannot be read
     */
    Kept read(Path copy) throws IOException {
        if (!isThere(copy)) {
            throw new IOException("its files are gone, or are none");
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(copy)))) {
            if (in.readInt() != VERSION) {
                throw new IOException("it was written by another version of this program");
            }
            String queue = in.readUTF();
            Map<String, Object> properties = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                String name = in.readUTF();
                properties.put(name, switch (in.readByte()) {
                    case 'L' -> in.readLong();
                    case 'I' -> in.readInt();
                    case 'B' -> in.readBoolean();
                    default -> in.readUTF();
                });
            }
            return new Kept(queue, new StoredMail(properties, in.readAllBytes(), new FileInputStreamCache(content(copy).toFile())));
        }
    }

    /** Whether both of its files are files that can be read, now or later. */
    boolean isThere(Path copy) {
        return Stream.of(copy, content(copy))
                .allMatch(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(file));
    }

    /** It is in its queue, or set aside. */
    void remove(Path copy) throws IOException {
        Files.deleteIfExists(copy);
        Files.deleteIfExists(content(copy));
        count.decrementAndGet();
    }

    /** Nobody can read it; it stays on the disk under another name. */
    void giveUp(Path copy) throws IOException {
        Path damaged = PrivateFiles.directory(directory.resolve(SpoolDirectory.DAMAGED));
        for (Path file : List.of(content(copy), copy)) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(file, damaged.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        count.decrementAndGet();
    }

    private static byte[] describe(String queue, Map<String, Object> properties, byte[] recipients) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        out.writeInt(VERSION);
        out.writeUTF(queue);
        out.writeInt(properties.size());
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            out.writeUTF(property.getKey());
            if (property.getValue() instanceof Long number) {
                out.writeByte('L');
                out.writeLong(number);
            } else if (property.getValue() instanceof Integer number) {
                out.writeByte('I');
                out.writeInt(number);
            } else if (property.getValue() instanceof Boolean flag) {
                out.writeByte('B');
                out.writeBoolean(flag);
            } else {
                out.writeByte('T');
                out.writeUTF(property.getValue().toString());
            }
        }
        out.write(recipients);
        return octets.toByteArray();
    }

    /** A file under its name is whole, and on the disk. */
    private static void write(Path file, PrivateFiles.Content content) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + HALF);
        try {
            PrivateFiles.write(half, content);
            Files.move(half, file);
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private static long number(Path copy) {
        Matcher name = NAME.matcher(copy.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : 0;
    }

    private static Path content(Path copy) {
        String name = copy.getFileName().toString();
        return copy.resolveSibling(name.substring(0, name.length() - COPY.length()) + CONTENT);
    }

    private List<Path> files(String end) throws IOException {
        try (Stream<Path> files = Files.list(path())) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    private Path path() {
        return directory.resolve(SpoolDirectory.OVERFLOW);
    }
}
