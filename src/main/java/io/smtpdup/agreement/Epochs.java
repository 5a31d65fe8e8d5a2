package io.smtpdup.agreement;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.message.PrivateFiles;

/** The reports of epochs that are over, each a file of JSON. */
final class Epochs {

    private static final int MOST = 50;

    private final Path directory;

    private final long retain;

    Epochs(AgreementSettings settings) {
        directory = settings.directory().resolve("epochs");
        retain = settings.retain().toMillis();
    }

    void keep(Report report, long now) throws IOException {
        PrivateFiles.directory(directory);
        prune(now);
        write(directory.resolve("%015d.json".formatted(now)), report);
        PrivateFiles.sync(directory);
    }

    List<Report> all() throws IOException {
        List<Report> reports = new ArrayList<>();
        for (Path file : files()) {
            reports.add(ReportJson.read(Files.readString(file)));
        }
        return reports;
    }

    /** Forgets an address in all examples. Returns how many are gone. */
    int forget(AddressKey.Forms address) throws IOException {
        int gone = 0;
        for (Path file : files()) {
            Report report = ReportJson.read(Files.readString(file));
            Forgetting forgetting = new Forgetting(address);
            Report without = forgetting.in(report);
            if (forgetting.gone() > 0) {
                write(file, without);
                gone += forgetting.gone();
            }
        }
        return gone;
    }

    void prune(long now) throws IOException {
        List<Path> files = files();
        for (int i = 0; i < files.size(); i++) {
            String name = files.get(i).getFileName().toString();
            if (i < files.size() - MOST + 1 || Long.parseLong(name.substring(0, name.indexOf('.'))) < now - retain) {
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
