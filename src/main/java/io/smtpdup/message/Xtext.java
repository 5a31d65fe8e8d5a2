package io.smtpdup.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RFC 3461 section 4: text of any octets as printable ASCII without blanks, {@code +} and {@code =}, which stand as
 * {@code +2B} and {@code +3D}. Characters above ASCII are encoded as their UTF-8 octets.
 */
public final class Xtext {

    private static final Pattern ENCODED = Pattern.compile("(?:[^+]|\\+[0-9A-Fa-f]{2})*");

    private static final Pattern HEX = Pattern.compile("\\+([0-9A-Fa-f]{2})");

    private Xtext() {
    }

    public static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet < 0x7f && octet != '+' && octet != '=') {
                encoded.append((char) octet);
            } else {
                encoded.append('+').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return encoded.toString();
    }

    /** Reads text whose sender may have encoded less than it should; empty when a {@code +} begins no octet. */
    public static Optional<String> decode(String encoded) {
        if (!ENCODED.matcher(encoded).matches()) {
            return Optional.empty();
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        Matcher hex = HEX.matcher(encoded);
        int from = 0;
        while (hex.find()) {
            octets.writeBytes(encoded.substring(from, hex.start()).getBytes(StandardCharsets.UTF_8));
            octets.write(HexFormat.fromHexDigits(hex.group(1)));
            from = hex.end();
        }
        octets.writeBytes(encoded.substring(from).getBytes(StandardCharsets.UTF_8));
        return Optional.of(octets.toString(StandardCharsets.UTF_8));
    }
}
