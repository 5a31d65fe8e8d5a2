package io.smtpdup.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An SMTP dialogue written down as one would see it at telnet:
 *
 * <pre>
 * S: 220
 * C: EHLO client.test
 * S: /250.PIPELINING/
 * R: NOOP\nNOOP\r\n
 * S: 500
 * C: QUIT
 * S: 221
 * S: (closed)
 * </pre>
 *
 * <p>{@code C:} sends a line and adds CRLF, {@code R:} sends the octets as they are; in both {@code \r \n \t \0 \\} and
 * {@code \x9F} are escapes. {@code S:} expects one whole reply, however many lines it has, as
 * {@link SmtpDialogue#expect} does; {@code S: (closed)} expects the end. Empty lines and lines that begin with # are
 * remarks.
 */
record DialogueScript(List<String> lines) {

    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x([0-9A-Fa-f]{2})|([rnt0\\\\]))");

    DialogueScript(String text) {
        this(text.lines()
                .map(String::stripLeading)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList());
    }

    void playOn(SmtpDialogue dialogue) {
        for (String line : lines) {
            String text = line.length() > 3 ? line.substring(3) : "";
            switch (line.substring(0, Math.min(2, line.length()))) {
                case "C:" -> dialogue.sendRaw(octets(text + "\\r\\n"));
                case "R:" -> dialogue.sendRaw(octets(text));
                case "S:" -> expect(dialogue, text.strip());
                default -> throw new IllegalArgumentException("not a line of a dialogue: " + line);
            }
        }
    }

    private static void expect(SmtpDialogue dialogue, String expectation) {
        if (!expectation.equals("(closed)")) {
            dialogue.expect(expectation);
        } else if (!dialogue.isClosedByPeer()) {
            throw new AssertionError("expected the server to close; the dialogue:\n" + dialogue.transcript());
        }
    }

    static byte[] octets(String escaped) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        Matcher matcher = ESCAPE.matcher(escaped);
        int from = 0;
        while (matcher.find()) {
            octets.writeBytes(escaped.substring(from, matcher.start()).getBytes(StandardCharsets.UTF_8));
            octets.write(matcher.group(1) != null
                    ? Integer.parseInt(matcher.group(1), 16)
                    : "\r\n\t\0\\".charAt("rnt0\\".indexOf(matcher.group(2))));
            from = matcher.end();
        }
        octets.writeBytes(escaped.substring(from).getBytes(StandardCharsets.UTF_8));
        return octets.toByteArray();
    }
}
