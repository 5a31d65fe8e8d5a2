package io.smtpdup.message;

import org.apache.camel.spi.Metadata;

/**
 * The Camel headers that carry a mail's envelope through a route. A message's own header fields never become Camel headers.
 */
public final class SmtpServerConstants {

    @Metadata(description = "The id of the mail: in the log, in its Received field, and in the reply when the route left none",
              javaType = "String")
    public static final String ID = "CamelSmtpServerId";

    @Metadata(description = "The reverse-path (MAIL FROM) without angle brackets; empty for the null reverse-path. A route may set it",
              javaType = "String")
    public static final String REVERSE_PATH = "CamelSmtpServerReversePath";

    @Metadata(description = "The forward-paths (RCPT TO) without angle brackets, in order. A route may set others, or fewer",
              javaType = "List<String>")
    public static final String RECIPIENTS = "CamelSmtpServerRecipients";

    @Metadata(description = "The whole envelope: reversePath, recipients, forwardPaths with NOTIFY and ORCPT, body, smtpUtf8, ret, envid, "
            + "and origin, which has the client, the protocol, eightBit and eightBitHeader. "
            + "For example ${header.CamelSmtpServerEnvelope.origin.client.helo}", javaType = "io.smtpdup.message.Envelope")
    public static final String ENVELOPE = "CamelSmtpServerEnvelope";

    @Metadata(description = "Octets of the message, our Received field included", javaType = "Long")
    public static final String SIZE = "CamelSmtpServerSize";

    @Metadata(description = "The reply the client shall hear: an io.smtpdup.message.Reply, or text like 550 5.7.1 Not here. "
            + "Set by the route or by its smtp step; 250 with the id when absent", javaType = "io.smtpdup.message.Reply")
    public static final String REPLY = "CamelSmtpServerReply";

    @Metadata(description = "What the primary said to a mail that it took: reply, server, took and recipients. It travels with each copy",
              javaType = "io.smtpdup.message.Verdict")
    public static final String VERDICT = "CamelSmtpServerVerdict";

    private SmtpServerConstants() {
    }
}
