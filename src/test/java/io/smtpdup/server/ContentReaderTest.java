package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a message ends, and which of its octets are its own; however the octets fall into segments. */
class ContentReaderTest {

    private static final String END = "\r\n.\r\n";

    private static final String NEXT_COMMAND = "NEXT\r\n";

    /** What a reader made of its input: one character an octet. */
    private record Result(String content, String rest, boolean bareNewline, boolean ended) {
    }

    /** Reads an input that comes in segments, as a socket gives it. */
    private static Result read(boolean normalize, long limit, String... segments) throws IOException {
        List<InputStream> streams = new ArrayList<>();
        for (String segment : segments) {
            streams.add(new ByteArrayInputStream(octets(segment)));
        }
        InputStream all = new SequenceInputStream(Collections.enumeration(streams));
        ClientInput in = new ClientInput(all);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContentReader reader = new ContentReader(in, out, normalize);
        boolean ended = reader.read(limit);
        assertThat(reader.size()).isGreaterThanOrEqualTo(out.size());
        String rest = new String(in.octets(), in.from(), in.to() - in.from(), StandardCharsets.ISO_8859_1)
                + new String(all.readAllBytes(), StandardCharsets.ISO_8859_1);
        return new Result(out.toString(StandardCharsets.ISO_8859_1), rest, reader.sawBareNewline(), ended);
    }

    private static Result read(String... segments) throws IOException {
        return read(false, 1_000_000, segments);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String decoded(String escaped) {
        return escaped.replace("CRLF", "\r\n").replace("CR", "\r").replace("LF", "\n").replace("NUL", "\0").replace(" ", "");
    }

    /** Everything that has been taken for the end of a message by some server, but is not. */
    @ParameterizedTest
    @ValueSource(strings = {
        "LF . LF", "CR . CR", "LF . CRLF", "CRLF . LF", "CRLF . CR", "CR . CRLF", "CR . LF", "LF . CR", "CRLF NUL . CRLF",
        "CRLF . NUL CRLF", "CRLF . CR NUL LF", "CR LF . CR CRLF", "CRLF CR . CRLF", "CRLF .. CRLF", "LF CR . LF CR",
        "CR CRLF . CR x", "CRLF . CR x LF . LF", "NUL . NUL", "CRLF . x CRLF", "CR NUL LF . CRLF", "LF LF . CRLF",
        "CRLF . LF . CR . CR"})
    void endsOnlyAtCrlfDotCrlfInWhateverSegmentsItComes(String escaped) throws IOException {
        String almost = decoded(escaped);
        String input = "text" + almost + "MAIL FROM:<smuggled@b.example>" + END + NEXT_COMMAND;
        Result whole = read(input);

        assertThat(whole.ended()).isTrue();
        assertThat(whole.rest()).isEqualTo(NEXT_COMMAND);
        assertThat(whole.content()).contains("MAIL FROM:<smuggled@b.example>");
        for (int cut = 1; cut < input.length(); cut++) {
            assertThat(read(input.substring(0, cut), input.substring(cut))).as("cut at %d", cut).isEqualTo(whole);
        }
        assertThat(read(input.split(""))).as("octet by octet").isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(strings = {"aLFb", "aCRb", "LF", "CR", "CR CRLF", "LF CRLF", "CRLF CR x", "a LF . LF b", "CRLF . CR x", "CRLF . LF x"})
    void tellsABareNewlineAndKeepsItAsItIs(String escaped) throws IOException {
        String content = decoded(escaped) + "\r\n";

        Result result = read(content + ".\r\n");

        assertThat(result.bareNewline()).isTrue();
        assertThat(result.content()).isEqualTo(content.replaceAll("(?<=\r\n)\\.", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "CRLF", "x CRLF CRLF", "NUL", "a CRLF b CRLF"})
    void seesNoBareNewlineWhereThereIsNone(String escaped) throws IOException {
        assertThat(read(decoded(escaped) + END).bareNewline()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a LF b, a CRLF b", "a CR b, a CRLF b", "a CR CR b, a CRLF CRLF b", "a LF LF b, a CRLF CRLF b", "a LF CR b, a CRLF CRLF b",
        "a CR CRLF b, a CRLF CRLF b", "a LF . LF b, a CRLF . CRLF b", "a CR . CR b, a CRLF . CRLF b",
        "a LF . CRLF b, a CRLF . CRLF b", "CRLF . CR b, CRLF CRLF b"})
    void makesABareNewlineCrlfWhenToldTo(String escaped, String normalized) throws IOException {
        Result result = read(true, 1_000_000, decoded(escaped) + END + NEXT_COMMAND);

        assertThat(result.content()).isEqualTo(decoded(normalized) + "\r\n");
        assertThat(result.bareNewline()).isTrue();
        assertThat(result.rest()).isEqualTo(NEXT_COMMAND);
    }

    @ParameterizedTest
    @CsvSource({
        "'..', '.'", "'...', '..'", "'.x', 'x'", "'a..', 'a..'", "'.. CRLF ..', '. CRLF .'", "'. NUL', 'NUL'", "'x CRLF ..y', 'x CRLF .y'",
        "'.  .', '.'"})
    void removesTransparencyDotsAtLineStartsOnly(String sent, String content) throws IOException {
        assertThat(read(decoded(sent) + END).content()).isEqualTo(decoded(content) + "\r\n");
    }

    @Test
    void readsAnEmptyMessage() throws IOException {
        assertThat(read(".\r\n" + NEXT_COMMAND)).isEqualTo(new Result("", NEXT_COMMAND, false, true));
    }

    @Test
    void keepsEveryOctetThatIsNoNewline() throws IOException {
        StringBuilder all = new StringBuilder();
        for (char octet = 0; octet < 256; octet++) {
            if (octet != '\r' && octet != '\n') {
                all.append(octet);
            }
        }
        assertThat(read(all + END).content()).isEqualTo(all + "\r\n");
    }

    /** The end may fall anywhere around the border of the buffer, or of the larger one that follows it. */
    @ParameterizedTest
    @ValueSource(ints = {ClientInput.SIZE, ClientInput.SIZE + ClientInput.LARGE, ClientInput.SIZE + 2 * ClientInput.LARGE})
    void findsTheEndWhereverItFallsInItsBuffer(int border) throws IOException {
        for (int length = border - 20; length < border + 20; length++) {
            String content = "x".repeat(length);
            Result result = read(content + END + NEXT_COMMAND);

            assertThat(result.content()).hasSize(length + 2).startsWith(content);
            assertThat(result.rest()).isEqualTo(NEXT_COMMAND);
        }
    }

    @Test
    void readsALineOfTenMegabytes() throws IOException {
        assertThat(read(false, 20_000_000, "x".repeat(10_000_000) + END).content()).hasSize(10_000_002);
    }

    @Test
    void givesUpOnAMessageThatDoesNotEnd() throws IOException {
        assertThat(read(false, 10_000, "x".repeat(30_000)).ended()).isFalse();
    }

    @Test
    void takesAMessageUpToItsLimit() throws IOException {
        assertThat(read(false, 10_002, "x".repeat(10_000) + END).ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "text\r\n", "text\r\n.", "text\r\n.\r", ".", ".\r"})
    void failsWhenTheClientGoesAwayBeforeTheEnd(String input) {
        assertThatThrownBy(() -> read(input)).isInstanceOf(EOFException.class);
    }
}
