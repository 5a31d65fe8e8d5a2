package io.smtpdup.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceSupport;

/**
 * The operator's route files: each {@code *.yaml} in {@code routes/} of the working directory or, where there is only a {@code
 * config.yaml} of gosmtp-dup, which knew no routes, of the directory that the program was unpacked to. Whatever signs the path
 * has, it is a path and no URI.
 */
final class RouteFiles {

    /** What bin/smtp-duplicator sets: where it was unpacked to. */
    private static final String HOME = "smtpdup.home";

    private static final String ROUTES = "routes";

    private final List<Path> files;

    private RouteFiles(List<Path> files) {
        this.files = files;
    }

    /** @throws StartException when there are none, or one cannot be read */
    static RouteFiles of(Path directory) {
        Path routes = directory.resolve(ROUTES).toAbsolutePath();
        String home = System.getProperty(HOME);
        if (home != null && hasOnlyConfigYaml(directory)) {
            routes = Path.of(home).resolve(ROUTES).toAbsolutePath();
        }
        try (Stream<Path> all = Files.list(routes)) {
            List<Path> files = all.filter(file -> file.getFileName().toString().endsWith(".yaml")).sorted().toList();
            if (files.isEmpty()) {
                throw new StartException("no route files (*.yaml) in " + routes);
            }
            files.forEach(RouteFiles::requireReadable);
            return new RouteFiles(files);
        } catch (IOException e) {
            throw new StartException("no directory " + routes + ": the routes are read from the working"
                    + " directory, start the relay in the directory that contains routes/");
        }
    }

    private static boolean hasOnlyConfigYaml(Path directory) {
        return Files.exists(directory.resolve("config.yaml")) && !Files.exists(directory.resolve("application.properties"))
                && !Files.exists(directory.resolve(ROUTES), LinkOption.NOFOLLOW_LINKS);
    }

    private static void requireReadable(Path file) {
        String wrong = !Files.exists(file) ? "is a dangling link"
                : !Files.isRegularFile(file) ? "is not a file"
                : !Files.isReadable(file) ? "cannot be read by the user that the relay runs as"
                : "";
        if (!wrong.isEmpty()) {
            throw new StartException("the route file " + file + " " + wrong);
        }
    }

    /** Sorted by name. */
    List<Path> all() {
        return files;
    }

    /** What Camel makes routes of. */
    Collection<RoutesBuilder> builders(CamelContext context) {
        try {
            return PluginHelper.getRoutesLoader(context).findRoutesBuilders(files.stream().map(RouteFiles::resource).toList());
        } catch (Exception e) {
            throw StartException.because(e);
        }
    }

    private static Resource resource(Path file) {
        return new ResourceSupport("file", "file:" + file) {

            @Override
            public boolean exists() {
                return Files.exists(file);
            }

            @Override
            public InputStream getInputStream() throws IOException {
                return Files.newInputStream(file);
            }
        };
    }
}
