package io.smtpdup.message;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.apache.camel.Message;

/**
 * The headers that told a route one by one what the envelope tells now. Nobody sets them any more. What a route sets counts as it did,
 * over what the envelope says; null and the empty text take it away.
 */
public enum FormerHeader {

    RET("Ret", ".ret"),
    ENVID("Envid", ".envid"),
    /** With NOTIFY and ORCPT; who is in it and no longer in the recipients gets nothing. */
    FORWARD_PATHS("ForwardPaths", ".forwardPaths"),
    BODY_TYPE("BodyType", "?.body.keyword"),
    SMTPUTF8("SmtpUtf8", ".smtpUtf8"),
    EIGHT_BIT("EightBit", ".origin.eightBit"),
    EIGHT_BIT_HEADER("EightBitHeader", ".origin.eightBitHeader"),
    REMOTE_ADDRESS("RemoteAddress", ".origin?.client.address"),
    REMOTE_NAME("RemoteName", ".origin?.client.name"),
    REMOTE_PROTOCOL("RemoteProtocol", ".origin?.client.protocol"),
    HELO("Helo", ".origin?.client.helo"),
    PROTOCOL("Protocol", ".origin.protocol");

    private static final Map<String, FormerHeader> BY_NAME = Arrays.stream(values()).collect(Collectors.toMap(
            FormerHeader::header, Function.identity(), (one, other) -> one, () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER)));

    private final String header;

    private final String field;

    FormerHeader(String name, String field) {
        header = "CamelSmtpServer" + name;
        this.field = field;
    }

    /** The name of the header. */
    public String header() {
        return header;
    }

    /** What a route writes now where it read the header, in Camel's language Simple. */
    public String simple() {
        return "${header." + SmtpServerConstants.ENVELOPE + field + "}";
    }

    /** Whether a route has set one of them. */
    static boolean isAnyIn(Message message) {
        for (String name : message.getHeaders().keySet()) {
            if (BY_NAME.containsKey(name)) {
                return true;
            }
        }
        return false;
    }

    /** Takes all of them away. */
    static void removeFrom(Message message) {
        for (FormerHeader one : values()) {
            message.removeHeader(one.header);
        }
    }
}
