import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.main.KameletMain;

/** Starts what "camel run routes/* application.properties --dep=..." starts, in the working directory. */
public class Run {

    public static void main(String[] arguments) throws Exception {
        KameletMain main = new KameletMain("camel.jbang");
        main.setDownload(true);
        main.addInitialProperty("camel.jbang.dependencies", arguments[0]);
        main.addInitialProperty("camel.jbang.kameletsVersion", arguments[1]);
        main.setPropertyPlaceholderLocations("file:application.properties");
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            main.addInitialProperty("camel.main.routesIncludePattern",
                    files.sorted().map(file -> "file:" + file).collect(Collectors.joining(",")));
        }
        main.run();
    }
}
