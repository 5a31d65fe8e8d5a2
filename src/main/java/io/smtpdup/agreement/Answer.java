package io.smtpdup.agreement;

import java.util.List;

import io.smtpdup.message.Reply;

/**
 * What a server said about one recipient.
 *
 * @param stage what it said it to
 * @param code the reply code
 * @param enhanced the enhanced status code; empty when there was none
 * @param text the rest of the words on one line, no more than {@value #LONGEST} characters of them
 * @param server how the server calls itself in its greeting or to EHLO, which tells whose software it is; empty when not known
 */
public record Answer(Stage stage, int code, String enhanced, String text, String server) {

    /** More does not make a reply clearer, and what is kept of a thousand replies shall be little. */
    static final int LONGEST = 300;

    public Answer {
        text = cut(text);
        server = cut(server);
    }

    /** Reads a reply. */
    public static Answer of(Stage stage, Reply reply, String server) {
        String enhanced = reply.enhancedCode().orElse("");
        List<String> lines = reply.lines();
        if (enhanced.isEmpty() && lines.size() == 1) {
            return new Answer(stage, reply.code(), "", lines.get(0), server);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size() && text.length() < LONGEST; i++) {
            String line = lines.get(i);
            String rest = !enhanced.isEmpty() && line.startsWith(enhanced) ? line.substring(enhanced.length()).strip() : line;
            text.append(text.isEmpty() || rest.isEmpty() ? "" : " ").append(rest);
        }
        return new Answer(stage, reply.code(), enhanced, text.toString(), server);
    }

    boolean isPositive() {
        return code < 400;
    }

    boolean isTransient() {
        return code >= 400 && code < 500;
    }

    /** Code, enhanced code and text, as far as there are any. */
    String line() {
        return line(text);
    }

    /** The same with another text. */
    String line(String words) {
        return code + (enhanced.isEmpty() ? "" : " " + enhanced) + (words.isEmpty() ? "" : " " + words);
    }

    private static String cut(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST);
    }
}
