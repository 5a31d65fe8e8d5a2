package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;

/**
 * What the operator's files were like when they were read, so that a reload can say which of them have changed.
 *
 * @param routes digests of the route files, by name
 * @param certificate a digest of the certificate and its key; empty without one
 */
record FilesSeen(Map<String, String> routes, String certificate) {

    static FilesSeen of(RouteFiles files, Settings settings) {
        Map<String, String> routes = new TreeMap<>();
        files.all().forEach(file -> routes.put(file.getFileName().toString(), digest(file)));
        return new FilesSeen(routes, settings.tlsCertificate().map(file -> digest(file, settings.tlsKey().orElseThrow())).orElse(""));
    }

    /** Names of the route files that were added, removed or changed since then. */
    List<String> routesChangedSince(FilesSeen before) {
        return Stream.concat(routes.keySet().stream(), before.routes.keySet().stream()).distinct().sorted()
                .filter(name -> !Objects.equals(routes.get(name), before.routes.get(name))).toList();
    }

    private static String digest(Path... files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return "unreadable"; // who reads it next says so
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
