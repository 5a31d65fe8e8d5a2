package io.smtpdup.delivery;

import java.io.IOException;
import java.io.OutputStream;

/** The octets of a message and what a server must know about them before it gets them. */
public interface MessageContent {

    /** Octets, or -1 when not known. */
    long size();

    /** Whether any octet is above 127. */
    boolean isEightBit() throws IOException;

    /** Whether the header section has an octet above 127, so that the message needs SMTPUTF8 to travel. */
    boolean isHeaderEightBit() throws IOException;

    /** Writes the octets as they are, from the first one, however often it is called. Does not close the stream. */
    void writeTo(OutputStream out) throws IOException;
}
