package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import org.apache.camel.Message;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies beside the queues, and in which order. */
class OverflowTest {

    @TempDir
    private Path path;

    private SpoolDirectory directory;

    private Overflow overflow;

    @BeforeEach
    void open() throws Exception {
        directory = new SpoolDirectory(path);
        directory.open();
        overflow = new Overflow(directory);
        overflow.open();
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void hasThemInTheOrderInWhichTheyCameHoweverQuickly() throws IOException {
        for (int i = 0; i < 50; i++) {
            keep(overflow, i);
        }

        assertThat(queues()).isEqualTo(names(50));
    }

    @Test
    void hasThemInThatOrderThroughARestartWithAClockThatWasSetBack() throws IOException {
        keep(overflow, 0);
        Path first = overflow.all().get(0);
        String tomorrow = "%019d".formatted(System.currentTimeMillis() + Duration.ofDays(1).toMillis());
        for (String end : List.of(".copy", ".eml")) {
            Path file = first.resolveSibling(first.getFileName().toString().replace(".copy", end));
            Files.move(file, file.resolveSibling(tomorrow + "-first" + end));
        }

        overflow = new Overflow(directory);
        overflow.open();
        keep(overflow, 1);
        keep(overflow, 2);

        assertThat(overflow.count()).isEqualTo(3);
        assertThat(queues()).isEqualTo(names(3));
    }

    @Test
    void clearsAwayWhatWasNotFinishedAndNothingElse() throws IOException {
        keep(overflow, 0);
        Path there = path.resolve(SpoolDirectory.OVERFLOW);
        Files.writeString(there.resolve("1-half.eml"), "a mail of which no more is known");
        Files.writeString(there.resolve("1-half.copy.part"), "half of it");

        overflow = new Overflow(directory);
        overflow.open();

        assertThat(overflow.count()).isEqualTo(1);
        try (var files = Files.list(there)) {
            assertThat(files).hasSize(2);
        }
        assertThat(queues()).isEqualTo(names(1));
    }

    private List<String> queues() throws IOException {
        List<String> queues = new ArrayList<>();
        for (Path copy : overflow.all()) {
            queues.add(overflow.read(copy).queue());
        }
        return queues;
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "backup." + i).toList();
    }

    private static void keep(Overflow overflow, int number) throws IOException {
        Message mail = new DefaultExchange(new DefaultCamelContext()).getMessage();
        EnvelopeHeaders.write(new Envelope("a@b.example", null, false, List.of("c@d.example")), mail);
        mail.setBody(new InputStreamCache("Hello.\r\n".getBytes(StandardCharsets.US_ASCII)));
        overflow.keep(mail, "backup." + number);
    }
}
