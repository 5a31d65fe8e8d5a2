package io.smtpdup.message;

import org.apache.camel.spi.Metadata;

/**
 * The Camel headers that carry a mail's envelope and history through a route. A message's own header fields never become
 * Camel headers.
 */
public final class SmtpServerConstants {

    @Metadata(description = "The id of the mail: in the log, in its Received field, and in the reply when the route left none",
              javaType = "String")
    public static final String ID = "CamelSmtpServerId";

    @Metadata(description = "The reverse-path (MAIL FROM) without angle brackets; empty for the null reverse-path",
              javaType = "String")
    public static final String REVERSE_PATH = "CamelSmtpServerReversePath";

    @Metadata(description = "The forward-paths (RCPT TO) without angle brackets, in order", javaType = "List<String>")
    public static final String RECIPIENTS = "CamelSmtpServerRecipients";

    @Metadata(description = "How much of the message a report returns, FULL or HDRS (RFC 3461); absent when not said",
              javaType = "String")
    public static final String RET = "CamelSmtpServerRet";

    @Metadata(description = "The sender's own id for the mail, as xtext (RFC 3461); absent when not said", javaType = "String")
    public static final String ENVID = "CamelSmtpServerEnvid";

    @Metadata(description = "The recipients with NOTIFY and ORCPT (RFC 3461), when any was given. Who is in it and no longer "
            + "in the recipients gets nothing", javaType = "List<io.smtpdup.message.Recipient>")
    public static final String FORWARD_PATHS = "CamelSmtpServerForwardPaths";

    @Metadata(description = "What the client declared with BODY: 7BIT or 8BITMIME; absent when nothing", javaType = "String")
    public static final String BODY_TYPE = "CamelSmtpServerBodyType";

    @Metadata(description = "Whether the client asked for SMTPUTF8", javaType = "Boolean")
    public static final String SMTPUTF8 = "CamelSmtpServerSmtpUtf8";

    @Metadata(description = "Octets of the message, our Received field included", javaType = "Long")
    public static final String SIZE = "CamelSmtpServerSize";

    @Metadata(description = "Whether the content has octets above 127", javaType = "Boolean")
    public static final String EIGHT_BIT = "CamelSmtpServerEightBit";

    @Metadata(description = "Whether the header section has octets above 127, so that it needs SMTPUTF8 to travel",
              javaType = "Boolean")
    public static final String EIGHT_BIT_HEADER = "CamelSmtpServerEightBitHeader";

    @Metadata(description = "The client's address; of the client for whom a trusted relay speaks, when it said so",
              javaType = "java.net.InetSocketAddress")
    public static final String REMOTE_ADDRESS = "CamelSmtpServerRemoteAddress";

    @Metadata(description = "The client's name in the DNS, as a trusted relay told it; absent when none did",
              javaType = "String")
    public static final String REMOTE_NAME = "CamelSmtpServerRemoteName";

    @Metadata(description = "SMTP or ESMTP, as the client spoke", javaType = "String")
    public static final String REMOTE_PROTOCOL = "CamelSmtpServerRemoteProtocol";

    @Metadata(description = "What the client said in EHLO or HELO", javaType = "String")
    public static final String HELO = "CamelSmtpServerHelo";

    @Metadata(description = "The protocol of the Received field's with clause, for example ESMTPS", javaType = "String")
    public static final String PROTOCOL = "CamelSmtpServerProtocol";

    @Metadata(description = "The reply the client shall hear: an io.smtpdup.message.Reply, or text like 550 5.7.1 Not here. "
            + "Set by the route or by its smtp step; 250 with the id when absent", javaType = "io.smtpdup.message.Reply")
    public static final String REPLY = "CamelSmtpServerReply";

    private SmtpServerConstants() {
    }
}
