package io.smtpdup.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Whoever sees badly can read the page: WCAG 2.1, 1.4.3 and 1.4.11, level AA. */
class StyleTest {

    private static final double TEXT = 4.5;

    private static final double SHAPE = 3;

    private static final List<String> TEXTS = List.of("text/panel", "text/back", "muted/panel", "muted/back", "text/idle-back", "link/panel",
            "link/back", "on-link/link", "ok/panel", "ok/ok-back", "warn/warn-back", "bad/panel", "bad/back", "bad/bad-back",
            "idle/idle-back");

    private static final List<String> SHAPES = List.of("edge/panel", "edge/back", "accepted/panel", "delivered/panel", "deferred/panel",
            "dead/panel", "ok/panel", "warn/panel", "ok-back/ok", "warn-back/warn", "bad-back/bad", "idle-back/idle");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasContrastEnough(boolean dark) throws IOException {
        Map<String, String> colours = colours(dark);

        assertThat(TEXTS).allSatisfy(pair -> assertThat(contrast(colours, pair)).as(pair).isGreaterThanOrEqualTo(TEXT));
        assertThat(SHAPES).allSatisfy(pair -> assertThat(contrast(colours, pair)).as(pair).isGreaterThanOrEqualTo(SHAPE));
    }

    private static Map<String, String> colours(boolean dark) throws IOException {
        String style;
        try (InputStream in = StyleTest.class.getResourceAsStream("style.css")) {
            style = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String[] schemes = style.split("@media \\(prefers-color-scheme: dark\\)");
        Map<String, String> colours = new HashMap<>();
        Matcher colour = Pattern.compile("--([a-z-]+): #([0-9a-f]{6});").matcher(schemes[dark ? 1 : 0]);
        while (colour.find()) {
            colours.put(colour.group(1), colour.group(2));
        }
        return colours;
    }

    private static double contrast(Map<String, String> colours, String pair) {
        String[] names = pair.split("/");
        double one = luminance(colours.get(names[0]));
        double other = luminance(colours.get(names[1]));
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }

    private static double luminance(String colour) {
        return 0.2126 * part(colour, 0) + 0.7152 * part(colour, 2) + 0.0722 * part(colour, 4);
    }

    private static double part(String colour, int at) {
        double value = Integer.parseInt(colour.substring(at, at + 2), 16) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
