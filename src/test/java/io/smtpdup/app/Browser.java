package io.smtpdup.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Debian's chromium without a screen, as a person uses it: goes to pages, presses buttons, sees. Needs the packages chromium and
 * chromium-driver; in CI they must be there.
 */
final class Browser implements AutoCloseable {

    static final int PHONE = 360;

    static final int DESK = 1280;

    /** Ubuntu has chromium as a snap only; GitHub's machines have Chrome beside it. */
    private static final List<Path> BROWSERS = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/google-chrome"));

    private static final List<Path> DRIVERS = List.of(Path.of("/usr/bin/chromedriver"),
            Path.of(System.getenv().getOrDefault("CHROMEWEBDRIVER", "/usr/local/bin"), "chromedriver"));

    private static final Path SCREENSHOTS = Path.of("target/screenshots");

    /** Longer than a slow machine needs. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ChromeDriver driver;

    private final Path downloads;

    private final String axe;

    private Browser(boolean scripts) {
        try {
            downloads = Files.createTempDirectory("downloads");
            Files.createDirectories(SCREENSHOTS);
            try (InputStream in = Browser.class.getResourceAsStream("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
                axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChromeOptions options = new ChromeOptions().setBinary(first(BROWSERS).orElseThrow().toFile())
                .addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP"
                        + " * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost")
                .setExperimentalOption("prefs", Map.of("download.default_directory", downloads.toString(),
                        "profile.managed_default_content_settings.javascript", scripts ? 1 : 2));
        options.setPageLoadTimeout(PATIENCE);
        options.setScriptTimeout(PATIENCE);
        driver = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(first(DRIVERS).orElseThrow().toFile()).usingAnyFreePort()
                .withSilent(true).build(), options);
        size(DESK);
    }

    static Browser open() {
        return open(true);
    }

    static Browser withoutScripts() {
        return open(false);
    }

    private static Browser open(boolean scripts) {
        boolean there = first(BROWSERS).isPresent() && first(DRIVERS).isPresent();
        Assumptions.assumeTrue(there || System.getenv("CI") != null, "SKIPPED: needs Debian's packages chromium and chromium-driver");
        return new Browser(scripts);
    }

    private static Optional<Path> first(List<Path> programs) {
        return programs.stream().filter(Files::isExecutable).findFirst();
    }

    Browser size(int width) {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", width == PHONE ? 740 : 900, "deviceScaleFactor", 1, "mobile", width == PHONE));
        return this;
    }

    Browser dark(boolean dark) {
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features",
                List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        return this;
    }

    Browser go(String url) {
        driver.get(url);
        return this;
    }

    String url() {
        return driver.getCurrentUrl();
    }

    /** What a person reads on the page. */
    String text() {
        try {
            return driver.findElement(By.tagName("body")).getText();
        } catch (NoSuchElementException | StaleElementReferenceException e) { // just being replaced
            return "";
        }
    }

    /** Waits until the page says it, by its own refresh. */
    void awaitText(String text) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(text()).contains(text));
    }

    /** Goes there again and again until the page says it. */
    void awaitText(String url, String text) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(go(url).text()).contains(text));
    }

    /** A button or a link, by its words or the name that a screen reader says. */
    void press(String name) {
        WebElement page = driver.findElement(By.tagName("html"));
        String before = url();
        // The page may be putting something new there just now.
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(StaleElementReferenceException.class).until(() -> click(name));
        await().atMost(PATIENCE).until(() -> isGone(page) || !url().equals(before));
    }

    private boolean click(String name) {
        WebElement found = find("//button[normalize-space()='" + name + "' or @aria-label='" + name + "'] | //a[normalize-space()='" + name
                + "' or @aria-label='" + name + "']");
        driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", found);
        found.click();
        return true;
    }

    private static boolean isGone(WebElement page) {
        try {
            page.getTagName();
            return false;
        } catch (StaleElementReferenceException | NoSuchElementException e) {
            return true;
        }
    }

    void type(String field, String text) {
        WebElement input = find("//*[@name='" + field + "']");
        input.clear();
        input.sendKeys(text);
    }

    void choose(String field, String value) {
        find("//*[@name='" + field + "']/option[@value='" + value + "']").click();
    }

    void tick(String field) {
        find("//input[@type='checkbox'][@name='" + field + "']").click();
    }

    WebElement find(String xpath) {
        return driver.findElement(By.xpath(xpath));
    }

    List<String> texts(String xpath) {
        return driver.findElements(By.xpath(xpath)).stream().map(WebElement::getText).toList();
    }

    int count(String xpath) {
        return driver.findElements(By.xpath(xpath)).size();
    }

    Object script(String script, Object... arguments) {
        return ((JavascriptExecutor) driver).executeScript(script, arguments);
    }

    String source() {
        return driver.getPageSource();
    }

    /** What the console says that went wrong: a policy that was broken, a script that failed; but for pages that were refused or gone. */
    List<String> complaints() {
        return driver.manage().logs().get("browser").getAll().stream().map(Object::toString)
                .filter(line -> !line.contains("Failed to load resource")).toList();
    }

    /** Waits for a file that it saves. */
    Path downloaded(String name) {
        Path file = downloads.resolve(name);
        await().atMost(PATIENCE).until(() -> Files.exists(file) && !Files.exists(downloads.resolve(name + ".crdownload")));
        return file;
    }

    /** The whole page as a picture in target/screenshots. */
    void screenshot(String name) {
        int height = ((Number) script("return Math.max(740, document.documentElement.scrollHeight)")).intValue();
        int width = ((Number) script("return window.innerWidth")).intValue();
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", Math.min(height, 6000), "deviceScaleFactor", 1, "mobile", width == PHONE));
        try {
            Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        size(width);
    }

    /** Nothing sticks out of the page to the right, but in boxes that scroll by themselves. */
    void assertFits() {
        assertThat(((Number) script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")).intValue())
                .as(url()).isLessThanOrEqualTo(0);
    }

    /** What axe-core finds, which looks at a page as somebody who cannot see it, or not well; by itself, past the page's policy. */
    void assertAccessible() {
        driver.executeScript("var module, define;" + axe + ";window.axe = window.axe || axe;");
        Object found = driver.executeAsyncScript("var done = arguments[arguments.length - 1];"
                + "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then(function (result) {"
                + "done(result.violations.map(function (one) { return one.id + ': ' + one.help + ' ' + one.nodes.map(function (node) {"
                + "return node.html; }).join(' | '); })); }, function (error) { done(['failed: ' + error]); });");
        assertThat(found).as("axe at " + url()).asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST).isEmpty();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
