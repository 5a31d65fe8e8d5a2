package io.smtpdup.config;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes text fit for an error: without passwords and on one line. It rather hides too much: a value is wrong when it gets
 * here, so nobody knows where in it the password stands.
 */
final class Mask {

    static final String HIDDEN = "***";

    private static final int MAX_LENGTH = 1000;

    private static final Pattern PLACEHOLDER_LOGIN = Pattern.compile("^(?:[a-z]+://)?[^:@?]*:\\{\\{env:[^{}]*}}@");

    private Mask() {
    }

    /** The elements of a comma or space separated list, as many as {@link Items#split} finds, without passwords. */
    static List<String> tokens(String list) {
        String[] tokens = Items.split(list).toArray(String[]::new);
        boolean suspicious = list.contains("@") || list.contains("://");
        boolean inPassword = false;
        for (int i = tokens.length - 1; suspicious && i >= 0; i--) {
            String token = tokens[i];
            int start = token.contains("://") ? token.indexOf("://") + 3 : 0;
            int at = token.lastIndexOf('@');
            int colon = token.indexOf(':', start);
            boolean hasUser = colon >= 0 && (at < 0 || colon < at);
            tokens[i] = token.substring(0, start) + body(token.substring(start), inPassword);
            // An @ with no colon before it: a raw comma or space has torn the password, its head is further left.
            inPassword = at >= 0 ? !hasUser : inPassword && !hasUser;
        }
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    /** The elements of a list, each without its password unless that is a placeholder, which is no secret; of any length. */
    static String keepingPlaceholders(String list) {
        return Items.split(list).stream().map(one -> PLACEHOLDER_LOGIN.matcher(one).find() ? line(one) : line(value(one)))
                .collect(Collectors.joining(","));
    }

    /** A value of any key, with the elements of a list where something in it looks like a password. */
    static String value(String text) {
        return text.contains("@") || text.contains("://") ? String.join(",", tokens(text)) : text;
    }

    /** The text with control characters as spaces, cut when it is very long. */
    static String line(String text) {
        String cut = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "..." : text;
        return cut.replaceAll("\\R|\\p{Cntrl}", " ");
    }

    private static String body(String text, boolean inPassword) {
        int at = text.lastIndexOf('@');
        if (text.startsWith("[") && at < 0) {
            return text;
        }
        int colon = text.indexOf(':');
        if (at >= 0) {
            return (colon >= 0 && colon < at ? text.substring(0, colon + 1) : "") + HIDDEN + text.substring(at);
        }
        if (colon < 0) {
            return inPassword ? HIDDEN : text;
        }
        boolean port = text.substring(colon + 1).matches("[0-9]{0,5}(\\?.*)?");
        return port && !inPassword ? text : text.substring(0, colon + 1) + HIDDEN;
    }
}
