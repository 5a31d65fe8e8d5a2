package io.smtpdup.testkit;

import static io.smtpdup.testkit.NastyMessage.ofBody;
import static io.smtpdup.testkit.NastyMessage.ofField;
import static io.smtpdup.testkit.NastyMessage.ofLines;
import static io.smtpdup.testkit.NastyMessage.utf8;

import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every octet there is, where a charset, a C string or a line reader would stumble over it. */
final class NastyOctets {

    private NastyOctets() {}

    static Stream<NastyMessage> messages() {
        return Stream.of(every(), eachAlone(), nul(), notText(), text()).flatMap(messages -> messages);
    }

    private static Stream<NastyMessage> every() {
        String all = join("", c -> "" + (char) c);
        return Stream.of(
                ofBody("octets/all in one line", all),
                ofBody("octets/all in one line, twice, dots before and after", "." + all + all + "."),
                ofBody("octets/all at line starts", join("\r\n", c -> (char) c + "text")),
                ofBody("octets/all at line ends", join("\r\n", c -> "text" + (char) c)),
                ofBody("octets/all in lines of their own", join("\r\n", c -> "" + (char) c)),
                ofBody("octets/all after a dot", join("\r\n", c -> "." + (char) c)),
                ofBody("octets/all before a dot", join("\r\n", c -> (char) c + ".")),
                ofField("octets/all in a field", "X-All: " + all),
                ofField("octets/all in folded lines", "X-All: " + join("\r\n ", c -> "" + (char) c)),
                ofField("octets/all in field names", join("\r\n", c -> "X-" + (char) c + "-Y: z")),
                ofLines("octets/all in the first line", all, "", "text"));
    }

    /** The ones that are a line end, an end of file or a separator to somebody. */
    private static Stream<NastyMessage> eachAlone() {
        return IntStream.of(1, 4, 7, 8, 0x0b, 0x0c, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x7f, 0x80, 0x85, 0xa0, 0xfe, 0xff)
                .mapToObj(c -> {
                    String octet = "" + (char) c;
                    return ofLines("octets/0x%02x everywhere".formatted(c), octet + "Subject: " + octet + "x" + octet,
                            octet, "", octet, "." + octet, octet + ".", octet + "\r\n" + octet);
                });
    }

    private static Stream<NastyMessage> nul() {
        return Stream.of(
                ofLines("octets/NUL is all", "\0"),
                ofLines("octets/NUL first of all", "\0Subject: x", "", "text"),
                ofField("octets/NUL in a field's name", "X-\0: x"),
                ofField("octets/NUL in a field's value", "X-Nul: a\0b"),
                ofBody("octets/NUL at a line's start", "\0text"),
                ofBody("octets/NUL at a line's end", "text\0"),
                ofBody("octets/NUL before a dot", "\0.", "text"),
                ofBody("octets/10,000 NULs", "\0".repeat(10_000)));
    }

    private static Stream<NastyMessage> notText() {
        return Stream.of(
                ofBody("octets/Latin-1 text", "gr\u00fc\u00dfe aus k\u00f6ln"),
                ofBody("octets/lone continuation octets", "\u0080\u0081\u00bf"),
                ofBody("octets/cut UTF-8", "\u00c3", "\u00e2\u0082", "\u00f0\u009f\u0098"),
                ofBody("octets/overlong UTF-8", "\u00c0\u00ae", "\u00c0\u008d\u00c0\u008a.\u00c0\u008d\u00c0\u008a"),
                ofBody("octets/UTF-8 of surrogates", "\u00ed\u00a0\u0080\u00ed\u00b0\u0080"),
                ofBody("octets/UTF-16 with byte order mark", "\u00fe\u00ff\0h\0i"),
                ofBody("octets/8-bit forms of CR, LF and dot", "\u008d\u008a\u00ae\u008d\u008a"),
                ofBody("octets/telnet commands", "\u00ff\u00ff\u00ff\u00f4\u00ff\u00fd\u0006"),
                ofBody("octets/Shift-JIS and ISO-2022-JP", "\u0083e\u0083X\u0083g", "\u001b$B%F%9%H\u001b(B"),
                ofField("octets/8-bit in a field", "Subject: gr\u00fc\u00dfe"),
                ofField("octets/8-bit in a field's name", "X-Gr\u00fc\u00dfe: x"));
    }

    private static Stream<NastyMessage> text() {
        return Stream.of(
                ofBody("octets/UTF-8 text", utf8("grüße, 你好, שלום, 😀")),
                ofBody("octets/UTF-8 line and paragraph separators", utf8("a\u2028b\u2029c\u0085d")),
                ofLines("octets/byte order mark first of all", utf8("\ufeffSubject: x"), "", "text"),
                ofBody("octets/byte order mark first in the body", utf8("\ufeff.")),
                ofBody("octets/decomposed characters", utf8("gru\u0308ße A\u030a")),
                ofField("octets/UTF-8 in fields", utf8("Subject: grüße 😀\r\nX-Ort: Köln")),
                ofField("octets/UTF-8 in addresses", utf8("Cc: 用户 <用户@例え.test>")),
                ofField("octets/UTF-8 in a field's name", utf8("X-Größe: x")),
                ofField("octets/a character cut by folding", "Subject: \u00c3\r\n \u00bc"));
    }

    private static String join(String separator, IntFunction<String> line) {
        return IntStream.range(0, 256)
                .filter(c -> c != '\r' && c != '\n')
                .mapToObj(line)
                .collect(Collectors.joining(separator));
    }
}
