package io.smtpdup.spool;

import java.io.IOException;

/** Looks whether there is room for a message before it is sent. */
@FunctionalInterface
interface Room {

    /**
     * @param octets of the message
     * @throws IOException when there is none, whose message says so to an operator
     */
    void require(long octets) throws IOException;
}
