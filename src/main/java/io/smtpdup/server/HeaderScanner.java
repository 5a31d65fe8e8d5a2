package io.smtpdup.server;

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

    private boolean inMessageId;

    private StringBuilder messageId;

    /** One octet of the message, dots unstuffed, line ends CRLF. */
    public void next(byte octet) {
        if (octet < 0 && state != State.BODY) {
            sawEightBit = true;
        }
        switch (state) {
            case LINE_START -> startLine(octet);
            case NAME -> name(octet);
            case AFTER_NAME -> afterName(octet);
            case VALUE -> {
                if (octet == '\n') {
                    state = State.LINE_START;
                } else if (inMessageId && messageId.length() < LONGEST_MESSAGE_ID) {
                    messageId.append((char) (octet & 0xff));
                }
            }
            case BODY -> {
            }
        }
    }

    public boolean isInBody() {
        return state == State.BODY;
    }

    public boolean sawEightBit() {
        return sawEightBit;
    }

    public int receivedFields() {
        return receivedFields;
    }

    /** The value of the first Message-ID field, as it stands there; null when there is none. For the log. */
    public String messageId() {
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
            inMessageId = false;
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
            inMessageId = true;
        }
        state = State.VALUE;
    }
}
