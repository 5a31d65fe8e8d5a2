package io.smtpdup.agreement;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.smtpdup.message.PrivateFiles;

/** With {@link Addresses#PLAIN}: the recipients that the primary has taken, one a line. For one thread. */
final class AddressList {

    static final String FILE = "addresses";

    private final Path file;

    AddressList(Path directory) {
        file = directory.resolve(FILE);
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** Nobody wants it any more. */
    void remove() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".new"));
    }

    void add(String address) throws IOException {
        if (Files.notExists(file)) {
            PrivateFiles.write(file, out -> { });
        }
        Files.writeString(file, address + "\n", StandardOpenOption.APPEND);
    }

    void forEach(Consumer<String> action) throws IOException {
        if (Files.exists(file)) {
            try (BufferedReader in = Files.newBufferedReader(file)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    action.accept(line);
                }
            }
        }
    }

    /** Returns how often it was in the list. */
    int forget(String address) throws IOException {
        int[] gone = new int[1];
        keep(one -> {
            boolean other = !one.equalsIgnoreCase(address);
            gone[0] += other ? 0 : 1;
            return other;
        });
        return gone[0];
    }

    /** Writes the list anew, with those that are wanted. */
    void keep(Predicate<String> wanted) throws IOException {
        if (Files.notExists(file)) {
            return;
        }
        Path half = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(half);
        PrivateFiles.write(half, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            try (BufferedReader in = Files.newBufferedReader(file)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (wanted.test(line)) {
                        writer.write(line + "\n");
                    }
                }
            }
            writer.flush();
        });
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
