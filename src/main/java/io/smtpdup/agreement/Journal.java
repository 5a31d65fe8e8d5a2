package io.smtpdup.agreement;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

import io.smtpdup.message.PrivateFiles;

/** The entries since the last snapshot, one behind the other in a file, each with its length and checksum. For one thread. */
final class Journal implements Closeable {

    private static final int LONGEST = 1 << 20;

    private final FileChannel channel;

    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

    private boolean dirty;

    private Journal(FileChannel channel) {
        this.channel = channel;
    }

    /** Begins one. */
    static Journal create(Path file) throws IOException {
        Files.deleteIfExists(file);
        return new Journal(FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PrivateFiles.file()));
    }

    /** Appends entries; a kill of the process does not take them any more. */
    void append(List<Entry> entries) throws IOException {
        octets.reset();
        DataOutputStream out = new DataOutputStream(octets);
        for (Entry entry : entries) {
            ByteArrayOutputStream one = new ByteArrayOutputStream(160);
            entry.writeTo(new DataOutputStream(one));
            CRC32C checksum = new CRC32C();
            checksum.update(one.toByteArray());
            out.writeInt(one.size());
            out.writeInt((int) checksum.getValue());
            one.writeTo(out);
        }
        ByteBuffer buffer = ByteBuffer.wrap(octets.toByteArray());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        dirty = true;
    }

    long size() throws IOException {
        return channel.size();
    }

    /** Puts on the disk what was appended. */
    void force() throws IOException {
        if (dirty) {
            dirty = false;
            channel.force(false);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Gives all whole entries of a file to somebody. Returns whether the file ends with a whole one. */
    static boolean replay(Path file, Consumer<Entry> to) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                int length;
                try {
                    length = in.readInt();
                } catch (EOFException e) {
                    return true;
                }
                int checksum = in.readInt();
                if (length < 0 || length > LONGEST) {
                    return false;
                }
                byte[] one = new byte[length];
                in.readFully(one);
                CRC32C actual = new CRC32C();
                actual.update(one);
                if ((int) actual.getValue() != checksum) {
                    return false;
                }
                to.accept(Entry.readFrom(new DataInputStream(new ByteArrayInputStream(one))));
            }
        } catch (EOFException e) {
            return false;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Removes journals that no snapshot knows of. */
    static void removeOthers(Path directory, String prefix, Path but) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList()) {
                if (!file.equals(but)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
