package io.smtpdup.agreement;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;

/** Files of the store that cannot be read: they are kept in a directory of their own, as long as anything is, and nobody reads them. */
public final class Damaged {

    private static final String PREFIX = "damaged-";

    private Damaged() {
    }

    /** Whether a failure is about what is in a file. What cannot be opened (no right to, too many open files) may be quite good. */
    public static boolean isMeantBy(Throwable failure) {
        return !(failure instanceof FileSystemException) && !(failure instanceof FileNotFoundException);
    }

    /** Moves files of a directory aside. Returns where they are. */
    static Path setAside(Path directory, List<Path> files, long now) throws IOException {
        Path aside = PrivateFiles.directory(directory.resolve(PREFIX + now));
        for (Path file : files) {
            Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        return aside;
    }

    /** Removes what was set aside before a time. */
    static void prune(Path directory, long before) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            for (Path aside : all.filter(file -> file.getFileName().toString().matches(PREFIX + "\\d{1,18}")).toList()) {
                if (Long.parseLong(aside.getFileName().toString().substring(PREFIX.length())) < before) {
                    remove(aside);
                }
            }
        }
    }

    private static void remove(Path aside) throws IOException {
        try (Stream<Path> files = Files.list(aside)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(aside);
    }
}
