package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.smtpdup.message.HeaderScanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a message consists of and however it is cut, the reader makes of it what these few lines of text work do. */
class ContentReaderFuzzTest {

    private static final String END = "\r\n.\r\n";

    private static final String NEXT = "NEXT\r\n.\r\n";

    private static final String[] PIECES = {
        "\r\n", "\r\n", "\r\n", "\r", "\n", ".", ".", "\r\n.", "\r\n..", " ", "\t", "\0", ":", "x", "ä", "\u007f", "Received:", "received : ",
        "Message-ID: <1@b.example>", "Subject: x\r\n y\r\n", "\r\n\r\n", "X-Y", "long ".repeat(80)};

    /** One character an octet; what the header section says is null where the message is refused anyway. */
    private record Result(String content, int added, boolean bareNewline, boolean eightBit, Header header, String rest) {
    }

    private record Header(int received, String messageId, boolean eightBit) {
    }

    /** Section by section, as RFC 5321 section 4.5.2 has it. */
    private static Result reference(boolean normalize, String input) {
        int end = ("\r\n" + input).indexOf(END);
        String stuffed = input.substring(0, end);
        String content = ("\r\n" + stuffed).replace("\r\n.", "\r\n").substring(2);
        boolean bare = Pattern.compile("\r(?!\n)|(?<!\r)\n").matcher(content).find();
        if (normalize) {
            content = content.replaceAll("\r\n|\r|\n", "\r\n");
        }
        int added = content.startsWith(" ") || content.startsWith("\t") ? 2 : 0;
        content = "\r\n".substring(0, added) + content;
        boolean eightBit = content.chars().anyMatch(octet -> octet > 127);
        return new Result(content, added, bare, eightBit, bare && !normalize ? null : header(content),
                input.substring(end + END.length() - 2));
    }

    private static Header header(String content) {
        int received = 0;
        String messageId = null;
        boolean inMessageId = false;
        boolean eightBit = false;
        for (String line : content.split("\r\n", -1)) {
            Matcher field = Pattern.compile("(?s)([^\\x00-\\x20:]*)[ \t]*:(.*)").matcher(line);
            if (line.startsWith(" ") || line.startsWith("\t")) {
                messageId = inMessageId ? messageId + "\r" + line.substring(1) : messageId;
            } else if (field.matches()) {
                received += field.group(1).equalsIgnoreCase("Received") ? 1 : 0;
                inMessageId = field.group(1).equalsIgnoreCase("Message-ID") && messageId == null;
                messageId = inMessageId ? field.group(2) : messageId;
            } else {
                Matcher noField = Pattern.compile("(?s)[^\\x00-\\x20:]*[ \t]*.?").matcher(line);
                assertThat(noField.lookingAt()).isTrue();
                eightBit |= noField.group().chars().anyMatch(octet -> octet > 127);
                break;
            }
            eightBit |= line.chars().anyMatch(octet -> octet > 127);
        }
        String shown = messageId == null ? null : messageId.substring(0, Math.min(300, messageId.length())).strip();
        return new Header(received, shown, eightBit);
    }

    private static Result read(boolean normalize, List<String> segments) throws IOException {
        List<InputStream> streams = new ArrayList<>();
        for (String segment : segments) {
            streams.add(new ByteArrayInputStream(segment.getBytes(StandardCharsets.ISO_8859_1)));
        }
        InputStream all = new SequenceInputStream(Collections.enumeration(streams));
        ClientInput in = new ClientInput(all);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContentReader reader = new ContentReader(in, out, normalize);
        assertThat(reader.read(Long.MAX_VALUE - 1)).isTrue();
        assertThat(reader.size() + reader.added()).isEqualTo(out.size());
        String rest = new String(in.octets(), in.from(), in.to() - in.from(), StandardCharsets.ISO_8859_1)
                + new String(all.readAllBytes(), StandardCharsets.ISO_8859_1);
        HeaderScanner header = reader.header();
        return new Result(out.toString(StandardCharsets.ISO_8859_1), reader.added(), reader.sawBareNewline(), reader.sawEightBit(),
                reader.sawBareNewline() && !normalize
                        ? null : new Header(header.receivedFields(), header.messageId(), header.sawEightBit()),
                rest);
    }

    private static void agrees(String input, List<String> segments) throws IOException {
        for (boolean normalize : new boolean[] {false, true}) {
            assertThat(read(normalize, segments)).as("normalize=%s, segments %s", normalize, segments)
                    .isEqualTo(reference(normalize, input));
        }
    }

    private static String message(Random random, int pieces) {
        StringBuilder message = new StringBuilder();
        for (int i = random.nextInt(pieces); i >= 0; i--) {
            message.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return message + END + NEXT;
    }

    private static List<String> cut(Random random, String input, int longest) {
        List<String> segments = new ArrayList<>();
        for (int at = 0; at < input.length();) {
            int end = Math.min(input.length(), at + 1 + random.nextInt(longest));
            segments.add(input.substring(at, end));
            at = end;
        }
        return segments;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readsAShortMessageAlikeWhereverItIsCut(long seed) throws IOException {
        Random random = new Random(seed);
        for (int round = 0; round < 1500; round++) {
            String input = message(random, 12);
            agrees(input, List.of(input));
            agrees(input, List.of(input.split("")));
            agrees(input, cut(random, input, 5));
            int cut = 1 + random.nextInt(input.length() - 1);
            agrees(input, List.of(input.substring(0, cut), input.substring(cut)));
        }
    }

    @Test
    void readsALongMessageAlikeHoweverItFallsIntoBuffers() throws IOException {
        Random random = new Random(4);
        for (int round = 0; round < 60; round++) {
            String input = "x".repeat(random.nextInt(2 * ClientInput.SIZE)) + message(random, 4000);
            agrees(input, List.of(input));
            agrees(input, cut(random, input, 3 * ClientInput.SIZE));
        }
    }
}
