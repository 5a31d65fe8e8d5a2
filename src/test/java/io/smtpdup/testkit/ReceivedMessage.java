package io.smtpdup.testkit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A message as it arrived at a {@link ScriptedSmtpServer}: who brought it, its envelope and its octets.
 *
 * @param connection the number of the connection it came over, from 1
 * @param helo the name given with EHLO or HELO
 * @param tls whether the connection was encrypted
 * @param authUser who was logged in, or null
 * @param mailFrom all that followed {@code MAIL FROM:}, parameters included
 * @param rcptTo all that followed {@code RCPT TO:}, for each recipient the server took, in their order
 * @param octets the message without dot-stuffing and final dot, otherwise untouched
 */
public record ReceivedMessage(
        int connection,
        String helo,
        boolean tls,
        String authUser,
        String mailFrom,
        List<String> rcptTo,
        byte[] octets) {

    public ReceivedMessage {
        rcptTo = List.copyOf(rcptTo);
    }

    /** The reverse-path without angle brackets and parameters; empty for the null reverse-path. */
    public String envelopeFrom() {
        return address(mailFrom);
    }

    /** The forward-paths without angle brackets and parameters. */
    public List<String> recipients() {
        return rcptTo.stream().map(ReceivedMessage::address).toList();
    }

    /** The message as text, one character for each octet. */
    public String text() {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /** The first header field with its folded lines: the Received field of a relay that adds one. */
    public String firstField() {
        return text().substring(0, firstFieldLength());
    }

    /** What lies below the first header field: what the client sent, if the relay added one field and nothing else. */
    public byte[] belowReceived() {
        return Arrays.copyOfRange(octets, firstFieldLength(), octets.length);
    }

    /** The digest of all octets, the added field included, in hex. */
    public String sha256() {
        return sha256(octets);
    }

    public static String sha256(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Who and how much, for a failing test to show. */
    @Override
    public String toString() {
        return "message from " + mailFrom + " to " + rcptTo + " of " + octets.length + " octets";
    }

    private int firstFieldLength() {
        int end = 0;
        do {
            end = afterLine(end);
        } while (end < octets.length && (octets[end] == ' ' || octets[end] == '\t'));
        return end;
    }

    private int afterLine(int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == '\n') {
                return i + 1;
            }
        }
        return octets.length;
    }

    private static String address(String argument) {
        int open = argument.indexOf('<');
        int close = argument.lastIndexOf('>');
        return open >= 0 && close > open ? argument.substring(open + 1, close) : argument.split(" ", 2)[0];
    }
}
