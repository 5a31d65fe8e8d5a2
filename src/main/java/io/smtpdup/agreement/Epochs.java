package io.smtpdup.agreement;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;

/** The reports of epochs that are over, each a file of JSON. */
final class Epochs {

    private static final int MOST = 50;

    private final Path directory;

    private final long retain;

    private final Consumer<String> says;

    Epochs(AgreementSettings settings, Consumer<String> says) {
        this.says = says;
        directory = settings.directory().resolve("epochs");
        retain = settings.retain().toMillis();
    }

    void keep(Report report, long now) throws IOException {
        PrivateFiles.directory(directory);
        prune(now);
        write(directory.resolve("%015d.json".formatted(now)), report);
        PrivateFiles.sync(directory);
    }

    /** All that can be read; which cannot is said. */
    List<Report> all() throws IOException {
        List<Report> reports = new ArrayList<>();
        for (Path file : files()) {
            try {
                read(file).ifPresent(reports::add);
            } catch (IOException e) {
                says.accept("agreement: an earlier report is left out, because it cannot be read: " + e);
            }
        }
        return reports;
    }

    /**
     * Forgets an address in all examples. Returns how many are gone.
     *
     * @throws IOException when not all could be looked through; those that could be were
     */
    int forget(AddressKey.Forms address) throws IOException {
        return Steps.all(files().stream().<Steps.Step>map(file -> () -> forget(file, address)).toArray(Steps.Step[]::new));
    }

    private int forget(Path file, AddressKey.Forms address) throws IOException {
        Optional<Report> report = read(file);
        if (report.isEmpty()) {
            return 0;
        }
        Forgetting forgetting = new Forgetting(address);
        Report without = forgetting.in(report.get());
        if (forgetting.gone() > 0) {
            write(file, without);
        }
        return forgetting.gone();
    }

    /** Empty when the file is damaged; then it is set aside, and kept as long as it would have been. */
    private Optional<Report> read(Path file) throws IOException {
        try {
            return Optional.of(ReportJson.read(Files.readString(file)));
        } catch (IOException e) {
            if (!Damaged.isMeantBy(e)) {
                throw e;
            }
            Path store = Objects.requireNonNull(directory.getParent());
            says.accept("agreement: an earlier report is damaged and was set aside: "
                    + Damaged.setAside(store, List.of(file), time(file)).resolve(file.getFileName()));
            return Optional.empty();
        }
    }

    private static long time(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    void prune(long now) throws IOException {
        List<Path> files = files();
        for (int i = 0; i < files.size(); i++) {
            if (i < files.size() - MOST + 1 || time(files.get(i)) < now - retain) {
                Files.deleteIfExists(files.get(i));
            }
        }
    }

    private static void write(Path file, Report report) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(half);
        PrivateFiles.write(half, out -> out.write(ReportJson.write(report).getBytes(StandardCharsets.UTF_8)));
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private List<Path> files() throws IOException {
        if (Files.notExists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{15}\\.json")).sorted().toList();
        }
    }
}
