package io.smtpdup.message;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a mail's header section says about who has written it and where it has been: whether it has passed a relay of ours before,
 * and whether a server has written it by itself (RFC 3834, RFC 3464, RFC 8098). Anybody can write such fields. A {@link HeaderScanner} fills
 * it; of each field only the beginning is kept, and only while it is read.
 */
public final class TraceFields {

    private static final int LONGEST_NAME = 20;

    private static final int LONGEST_VALUE = 2000;

    /** As {@link ReceivedField} writes it; a value's lines are parted by CR. */
    private static final Pattern STAMP = Pattern.compile("(?<!\\S)by\\s++(\\S++)\\s++with\\s++\\S++\\s++id\\s++([0-9A-Z]++)(?=[\\s;])");

    private final String domain;

    private final StringBuilder name = new StringBuilder();

    private final StringBuilder value = new StringBuilder();

    private boolean passed;

    private boolean automatic;

    private boolean automaticKnown;

    private boolean report;

    /** @param domain what our Received fields say behind {@code by} */
    public TraceFields(String domain) {
        this.domain = domain;
    }

    /** Another field begins. */
    void begin() {
        end();
        name.setLength(0);
        value.setLength(0);
    }

    void name(byte octet) {
        if (name.length() <= LONGEST_NAME) {
            name.append((char) (octet & 0xff));
        }
    }

    void value(byte[] octets, int from, int to) {
        int room = Math.min(to - from, LONGEST_VALUE - value.length());
        if (room > 0) {
            value.append(new String(octets, from, room, StandardCharsets.ISO_8859_1));
        }
    }

    private void end() {
        switch (name.toString().toLowerCase(Locale.ROOT)) {
            case "received" -> passed |= isOurs();
            case "auto-submitted" -> {
                if (!automaticKnown) {
                    automaticKnown = true;
                    String keyword = value.toString().strip().split("[\\s;(]", 2)[0];
                    automatic = !keyword.isEmpty() && !keyword.equalsIgnoreCase("no");
                }
            }
            case "content-type" -> report |= value.toString().strip().toLowerCase(Locale.ROOT).startsWith("multipart/report");
            default -> {
            }
        }
    }

    private boolean isOurs() {
        Matcher stamp = STAMP.matcher(value);
        while (stamp.find()) {
            if (stamp.group(1).equalsIgnoreCase(domain) && MailId.isId(stamp.group(2))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a Received field names us, with an id that looks like ours. To be asked at the end, like the others. */
    public boolean hasPassedUs() {
        end();
        return passed;
    }

    /** Whether Auto-Submitted says that no person has sent it. */
    public boolean isAutomatic() {
        end();
        return automatic;
    }

    /** Whether it is a report: a bounce, or a receipt. */
    public boolean isReport() {
        end();
        return report;
    }
}
