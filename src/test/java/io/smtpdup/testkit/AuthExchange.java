package io.smtpdup.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The AUTH dialogue of a {@link ScriptedSmtpServer} that knows one user: PLAIN and LOGIN (RFC 4954, RFC 4616). */
record AuthExchange(String user, String password) {

    @FunctionalInterface
    interface Challenge {
        /** Sends the challenge and returns the client's answer. */
        String ask(String challenge) throws IOException;
    }

    /** True when the client proved to be the user. */
    boolean succeeds(String line, Challenge challenge) throws IOException {
        String[] words = line.trim().split(" +");
        String mechanism = words.length > 1 ? words[1].toUpperCase() : "";
        String initial = words.length > 2 ? words[2] : null;
        return switch (mechanism) {
            case "PLAIN" -> decode(initial != null ? initial : challenge.ask("334 "))
                    .matches("[^\0]*\0\\Q" + user + "\\E\0\\Q" + password + "\\E");
            case "LOGIN" -> {
                String name = decode(initial != null ? initial : challenge.ask("334 VXNlcm5hbWU6"));
                String secret = decode(challenge.ask("334 UGFzc3dvcmQ6"));
                yield name.equals(user) && secret.equals(password);
            }
            default -> false;
        };
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64.trim()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
