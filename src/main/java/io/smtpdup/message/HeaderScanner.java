package io.smtpdup.message;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Watches a message's octets pass and learns from its header section what a relay must know: how many Received fields
 * there are (RFC 5321 section 6.3), and whether the section has octets above 127. It follows the field structure only as
 * far as needed to see where the section ends.
 */
public final class HeaderScanner {

    private static final String RECEIVED = "received";

    private static final String MESSAGE_ID = "message-id";

    private static final int LONGEST_MESSAGE_ID = 300;

    /** Where on a line we are. */
    private enum State { LINE_START, NAME, AFTER_NAME, VALUE, BODY }

    private State state = State.LINE_START;
    private int nameLength;
    private boolean nameIsReceived;
    private boolean sawEightBit;
    private int receivedFields;
    private boolean nameIsMessageId;
    private @Nullable StringBuilder messageId;

    /** The same while its field lasts. */
    private @Nullable StringBuilder open;

    private final @Nullable TraceFields trace;

    public HeaderScanner() {
        this(null);
    }

    /** @param trace learns what it wants to know as well; null for none */
    public HeaderScanner(@Nullable TraceFields trace) {
        this.trace = trace;
    }

    /** The next octets of the message, dots unstuffed, line ends CRLF; the pieces may be cut anywhere. */
    public void take(byte[] octets, int from, int to) {
        int i = from;
        while (i < to && state != State.BODY) {
            if (state == State.VALUE) {
                i = value(octets, i, to);
            } else {
                next(octets[i++]);
            }
        }
    }

    private void next(byte octet) {
        sawEightBit |= octet < 0;
        switch (state) {
            case LINE_START -> startLine(octet);
            case NAME -> name(octet);
            case AFTER_NAME -> afterName(octet);
            default -> throw new IllegalStateException(state.name());
        }
    }

    /** Goes on to the end of the line, or of the octets. */
    private int value(byte[] octets, int from, int to) {
        int all = 0;
        int i = from;
        while (i < to && octets[i] != '\n') {
            all |= octets[i++];
        }
        sawEightBit |= all < 0;
        if (open != null) {
            int room = Math.min(i - from, LONGEST_MESSAGE_ID - open.length());
            open.append(new String(octets, from, room, StandardCharsets.ISO_8859_1));
        }
        if (trace != null) {
            trace.value(octets, from, i);
        }
        if (i < to) {
            state = State.LINE_START;
            i++;
        }
        return i;
    }

    public boolean sawEightBit() {
        return sawEightBit;
    }

    public int receivedFields() {
        return receivedFields;
    }

    /** The value of the first Message-ID field, as it stands there; null when there is none. For the log. */
    public @Nullable String messageId() {
        return messageId == null ? null : messageId.toString().strip();
    }

    private void startLine(byte octet) {
        if (octet == ' ' || octet == '\t') {
            state = State.VALUE;
        } else if (octet == '\r') {
            state = State.BODY;
        } else {
            nameLength = 0;
            nameIsReceived = true;
            nameIsMessageId = true;
            open = null;
            if (trace != null) {
                trace.begin();
            }
            state = State.NAME;
            name(octet);
        }
    }

    private void name(byte octet) {
        if (octet == ':') {
            fieldFound();
        } else if (octet == ' ' || octet == '\t') {
            state = State.AFTER_NAME;
        } else if (octet >= 0 && octet < ' ') {
            state = State.BODY;
        } else {
            nameIsReceived &= nameLength < RECEIVED.length() && (octet | 0x20) == RECEIVED.charAt(nameLength);
            nameIsMessageId &= nameLength < MESSAGE_ID.length()
                    && Character.toLowerCase((char) octet) == MESSAGE_ID.charAt(nameLength);
            nameLength++;
            if (trace != null) {
                trace.name(octet);
            }
        }
    }

    /** Blanks between a name and its colon are old, and allowed; anything else means that this was no field. */
    private void afterName(byte octet) {
        if (octet == ':') {
            fieldFound();
        } else if (octet != ' ' && octet != '\t') {
            state = State.BODY;
        }
    }

    private void fieldFound() {
        if (nameIsReceived && nameLength == RECEIVED.length()) {
            receivedFields++;
        }
        if (nameIsMessageId && nameLength == MESSAGE_ID.length() && messageId == null) {
            messageId = new StringBuilder();
            open = messageId;
        }
        state = State.VALUE;
    }
}
