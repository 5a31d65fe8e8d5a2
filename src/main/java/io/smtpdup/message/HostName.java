package io.smtpdup.message;

import java.util.regex.Pattern;

/**
 * What a host may be called: labels of letters, digits and hyphens (RFC 5321 section 4.1.2), and of underscores, which the names of
 * real hosts have; perhaps with the dot at the end that tells a resolver that the name is whole.
 */
public final class HostName {

    private static final int LONGEST = 253;

    private static final String LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

    private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*\\.?");

    private HostName() {
    }

    /** Whether a host may be called so; an IPv4 address has the form of a name too. */
    public static boolean isOne(String text) {
        return text.length() <= LONGEST && NAME.matcher(text).matches();
    }
}
