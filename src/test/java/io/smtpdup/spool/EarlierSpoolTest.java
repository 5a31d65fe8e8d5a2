package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory of a relay that reached its queues by JMS, as it was when that relay was stopped. */
class EarlierSpoolTest {

    private static final String WAITING = "backup.backup.invalid-25";

    @TempDir
    private Path directory;

    private Spool spool;

    @BeforeEach
    void open() throws Exception {
        try (InputStream file = getClass().getResourceAsStream("/spool-of-an-earlier-version.zip");
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = directory.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target);
                }
            }
        }
        spool = new Spool(directory);
        spool.start(List.of(WAITING));
    }

    @AfterEach
    void close() {
        spool.stop();
    }

    @Test
    void isReadWithEveryOctetAndEveryWordOfTheEnvelope() {
        Map<String, Map<String, Object>> copies = read(WAITING);

        assertThat(copies.keySet()).containsExactly("dsn@a.example", "large@a.example", "later@a.example", "plain@a.example",
                "refused@a.example");
        assertThat(copies.get("plain@a.example")).containsEntry(SmtpServerConstants.RECIPIENTS, List.of("one@b.example", "two@b.example"))
                .hasEntrySatisfying("content", text -> assertThat(text.toString()).endsWith("Subject: plain\r\n\r\nPlain.\r\n"));
        assertThat(copies.get("dsn@a.example").get(SmtpServerConstants.ENVELOPE)).isInstanceOfSatisfying(Envelope.class, dsn -> {
            assertThat(dsn.ret()).isEqualTo("HDRS");
            assertThat(dsn.envid()).isEqualTo("abc");
            assertThat(dsn.forwardPaths().toString()).contains("FAILURE", "rfc822;c@d.example");
        });
        assertThat(copies.get("large@a.example")).hasEntrySatisfying("content", text -> assertThat(text.toString())
                .endsWith("Subject: large\r\n\r\n" + "0123456789abcdef\r\n".repeat(10_000)));
        assertThat(copies.values()).noneMatch(headers -> headers.containsKey(CopyConstants.DAMAGE));
    }

    @Test
    void keepsItsDeadLettersAndWhatWaitsForItsTime() {
        assertThat(read("dead.127.0.0.1-24020").get("refused@a.example"))
                .containsEntry(CopyConstants.LAST_REPLY, "550 5.1.1 no such user").containsEntry(CopyConstants.ATTEMPTS, 1);

        spool.management().deliverScheduled("backup.127.0.0.1-24020", "");

        await().untilAsserted(() -> assertThat(read("backup.127.0.0.1-24020").get("later@a.example"))
                .containsEntry(CopyConstants.LAST_REPLY, "450 4.2.0 later"));
    }

    @Test
    void letsItsCopiesBeMoved() {
        CopyQueue queue = new CopyQueue(spool, new DefaultCamelContext(), WAITING);

        int moved = queue.take(Selection.ALL, copy -> true, "backup.other-25", mail -> { }, copy -> { });

        assertThat(moved).isEqualTo(5);
        assertThat(read("backup.other-25")).hasSize(5);
        assertThat(read(WAITING)).isEmpty();
    }

    /** The headers of the mails in a queue, and their content, by reverse-path. */
    private Map<String, Map<String, Object>> read(String name) {
        CopyQueue queue = new CopyQueue(spool, new DefaultCamelContext(), name);
        List<String> keys = new ArrayList<>();
        queue.browse(Selection.ALL, copy -> keys.add(copy.key()));
        Map<String, Map<String, Object>> mails = new TreeMap<>();
        keys.forEach(key -> queue.read(key, mail -> {
            Map<String, Object> headers = new TreeMap<>(mail.getHeaders());
            headers.put("content", new String(mail.getBody(byte[].class), StandardCharsets.UTF_8));
            mails.put(mail.getHeader(SmtpServerConstants.REVERSE_PATH, String.class), headers);
            return headers;
        }));
        return mails;
    }
}
