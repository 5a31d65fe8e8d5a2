package io.smtpdup.testkit;

import static io.smtpdup.testkit.NastyMessage.of;
import static io.smtpdup.testkit.NastyMessage.ofBody;
import static io.smtpdup.testkit.NastyMessage.ofLines;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Dots where dot-stuffing, the final dot and buffers meet (RFC 5321 section 4.5.2). */
final class NastyDots {

    private static final Map<String, String> LINES = Map.of(
            "dot", ".",
            "two dots", "..",
            "three dots", "...",
            "dot and text", ".text",
            "two dots and text", "..text",
            "dot and blank", ". ",
            "dot and tab", ".\t",
            "dot and NUL", ".\0",
            "text and dot", "text.");

    /** Around the sizes people give to buffers: where a dot may be the last octet of one or the first of the next. */
    private static final List<Integer> EDGES = List.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536);

    private NastyDots() {}

    static Stream<NastyMessage> messages() {
        return Stream.of(inEveryPlace(), atEdges(), inMasses(), likeCommands()).flatMap(messages -> messages);
    }

    private static Stream<NastyMessage> inEveryPlace() {
        return LINES.entrySet().stream().sorted(Map.Entry.comparingByKey()).flatMap(entry -> {
            String name = "dots/" + entry.getKey() + " ";
            String dot = entry.getValue();
            return Stream.of(
                    ofLines(name + "as the whole message", dot),
                    ofLines(name + "as the first line of all", dot, "Subject: x", "", "text"),
                    ofLines(name + "as the last field", "Subject: x", dot, "", "text"),
                    ofBody(name + "as the whole body", dot),
                    ofBody(name + "first in the body", dot, "text"),
                    ofBody(name + "last in the body", "text", dot),
                    ofBody(name + "before an empty last line", "text", dot, ""),
                    ofBody(name + "after an empty line", "text", "", dot, "text"),
                    ofBody(name + "three times", dot, dot, dot),
                    ofBody(name + "between empty lines", "", dot, "", dot, "", dot, ""));
        });
    }

    private static Stream<NastyMessage> atEdges() {
        return EDGES.stream().flatMap(edge -> IntStream.rangeClosed(edge - 2, edge + 2)
                .boxed()
                .flatMap(offset -> Stream.of(".", "..", ".text")
                        .map(dot -> of("dots/" + dot + " at offset " + offset,
                                filler(offset) + dot + "\r\nmore\r\n" + dot + "\r\n"))));
    }

    private static Stream<NastyMessage> inMasses() {
        return Stream.of(
                ofBody("dots/a hundred thousand lines of one dot", ".\r\n".repeat(99_999) + "."),
                ofBody("dots/fifty thousand lines of two dots", "..\r\n".repeat(49_999) + ".."),
                ofBody("dots/one line of 200,000 dots", ".".repeat(200_000)),
                ofBody("dots/lines of 1 to 300 dots", IntStream.rangeClosed(1, 300)
                        .mapToObj("."::repeat)
                        .toArray(String[]::new)));
    }

    private static Stream<NastyMessage> likeCommands() {
        return Stream.of(
                ofBody("dots/a second transaction as text", ".", "MAIL FROM:<evil@example.test>",
                        "RCPT TO:<victim@example.test>", "DATA", "Subject: smuggled", "", "Got you.", ".", "QUIT"),
                ofLines("dots/a second transaction as the whole message", ".", "MAIL FROM:<evil@example.test>",
                        "RCPT TO:<victim@example.test>", "DATA", ".", "QUIT"),
                ofBody("dots/commands as text", "BODY", "RCPT TO:<victim@example.test>", "RSET", "QUIT", "DATA",
                        "BDAT 10 LAST", "STARTTLS", "EHLO evil"),
                ofBody("dots/replies as text", "250 2.0.0 Ok", "354 go on", "421 4.3.2 bye", "554 no"),
                ofBody("dots/a stuffed transaction as text", "..", "..MAIL FROM:<evil@example.test>", "..", "."));
    }

    /** Lines of text, so many octets of them altogether. */
    private static String filler(int length) {
        String line = "x".repeat(60) + "\r\n";
        int rest = length % line.length();
        int last = rest < 2 ? rest + line.length() : rest;
        return line.repeat((length - last) / line.length()) + "y".repeat(last - 2) + "\r\n";
    }
}
