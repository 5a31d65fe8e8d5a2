package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import io.smtpdup.message.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server says is a whole reply, or none. */
class ReplyReaderTest {

    private final ReplyReader reader = new ReplyReader();

    private static InputStream says(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Octet by octet, as over a bad line. */
    private static InputStream drips(InputStream in) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return in.read();
            }

            @Override
            public int read(byte[] octets, int offset, int length) throws IOException {
                return in.read(octets, offset, Math.min(1, length));
            }
        };
    }

    @ParameterizedTest
    @CsvSource({"250 2.0.0 Ok,250 2.0.0 Ok", "250,'250 '", "250 ,'250 '", "'250 trailing  ','250 trailing'", "354 go,354 go",
        "'250-one\r\n250-two\r\n250 three',250 one | two | three", "'550-\r\n550','550  | '", "'220-a\n220 b',220 a | b"})
    void readsAReplyHoweverItComes(String wire, String reply) throws IOException {
        assertThat(reader.read(says(wire + "\r\n"))).hasToString(reply);
        assertThat(new ReplyReader().read(drips(says(wire + "\r\n")))).hasToString(reply);
        assertThat(new ReplyReader().read(drips(says(wire + "\n")))).hasToString(reply);
    }

    @Test
    void keepsWhatIsBehindAReplyForTheNextOne() throws IOException {
        InputStream in = says("250 one\r\n550-two\r\n550 three\r\n354 four\r\n");

        assertThat(reader.read(in)).hasToString("250 one");
        assertThat(reader.hasMore()).isTrue();
        assertThat(reader.read(in)).hasToString("550 two | three");
        assertThat(reader.read(in)).hasToString("354 four");
        assertThat(reader.hasMore()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "25", "2500 ok", "+25 ok", " 250 ok", "199 wait", "600 what", "999 x", "HTTP/1.1 400 Bad Request",
        "\0\0", "250_ok", "250-one\r\n251 two", "250-one\r\nnonsense", "abc-def"})
    void takesNothingElseForAReply(String nonsense) {
        assertThatThrownBy(() -> reader.read(says(nonsense + "\r\n"))).isInstanceOf(NoReplyException.class)
                .hasMessageStartingWith("not an SMTP reply");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250-more\r\n", "250 x"})
    void givesUpAReplyWithoutEnd(String part) {
        assertThatThrownBy(() -> reader.read(says(part.repeat(ReplyReader.MOST)))).isInstanceOf(NoReplyException.class)
                .hasMessageContaining("without end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250", "250 Ok", "250-one\r\n", "250-one\r\n250 two"})
    void takesNoReplyThatBreaksOff(String half) {
        assertThatThrownBy(() -> reader.read(says(half))).isInstanceOf(EOFException.class).hasMessageContaining("within a reply");
    }

    @Test
    void readsALongReplyInFull() throws IOException {
        String line = "x".repeat(500);

        Reply reply = reader.read(drips(says(("250-" + line + "\r\n").repeat(90) + "250 end\r\n")));

        assertThat(reply.lines()).hasSize(91).contains(line).endsWith("end");
    }

    @Test
    void readsUtf8WhereItIsThatAndOtherOctetsAsIso88591SoThatNoneIsLost() throws IOException {
        assertThat(reader.read(says("250 für δ\r\n"))).hasToString("250 für δ");
        assertThat(reader.read(new ByteArrayInputStream("250 für\r\n".getBytes(StandardCharsets.ISO_8859_1)))).hasToString("250 für");
    }
}
