package io.smtpdup.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sender may say about reports in MAIL and RCPT (RFC 3461 section 4, RFC 6533 section 3), judged by form alone: a
 * value travels as it came.
 */
public final class DsnParameters {

    private static final Set<String> RET = Set.of("FULL", "HDRS");

    private static final String NEVER = "NEVER";

    private static final String SUCCESS = "SUCCESS";

    private static final Set<String> NOTIFY = Set.of(SUCCESS, "FAILURE", "DELAY");

    private static final int LONGEST_ENVID = 100;

    private static final int LONGEST_ORCPT = 500;

    /** RFC 822's atom and then the address, as its type has it. */
    private static final Pattern ORCPT = Pattern.compile("([!#-'*+\\-/-9=?A-Z^-~]+);(.+)");

    /** What is encoded is a printable character as well: reports show these values in their fields. */
    private static final Pattern XTEXT = Pattern.compile("(?:[!-*,-<>-~]|\\+(?:[2-6][0-9A-F]|7[0-9A-E]))+");

    /** RFC 6533's own encoding, or xtext, which some clients use for every type; above ASCII only with SMTPUTF8. */
    private static final Pattern UNITEXT = Pattern.compile("(?:[!-*,-<>-\\[\\]-~\\x{a0}-\\x{d7ff}\\x{e000}-\\x{10ffff}]"
            + "|\\+(?:[2-6][0-9A-F]|7[0-9A-E])"
            + "|\\\\x\\{(?:[2-6][0-9A-F]|7[0-9A-E]|[A-F][0-9A-F]|[1-9A-F][0-9A-F]{2,4}|10[0-9A-F]{4})})+");

    private static final Pattern ABOVE_ASCII = Pattern.compile("[^\\x00-\\x7f]");

    private DsnParameters() {
    }

    public static boolean isRet(String value) {
        return RET.contains(upper(value));
    }

    public static boolean isEnvid(String value) {
        return value.length() <= LONGEST_ENVID && XTEXT.matcher(value).matches();
    }

    /** NEVER, or some of the others with commas between, each once. */
    public static boolean isNotify(String value) {
        List<String> conditions = conditions(value);
        return conditions.equals(List.of(NEVER))
                || NOTIFY.containsAll(conditions) && new HashSet<>(conditions).size() == conditions.size();
    }

    /** Whether a report is wanted when the mail has reached the recipient. */
    public static boolean isSuccessWanted(String notify) {
        return notify != null && conditions(notify).contains(SUCCESS);
    }

    /**
     * A type and an address.
     *
     * @param smtpUtf8 whether the mail may have characters above ASCII in its envelope
     */
    public static boolean isOrcpt(String value, boolean smtpUtf8) {
        Matcher parts = ORCPT.matcher(value);
        if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST_ORCPT || !parts.matches()) {
            return false;
        }
        String address = parts.group(2);
        if (!upper(parts.group(1)).equals("UTF-8")) {
            return XTEXT.matcher(address).matches();
        }
        return UNITEXT.matcher(address).matches() && (smtpUtf8 || !ABOVE_ASCII.matcher(address).find());
    }

    /** The same original recipient in a form that needs no SMTPUTF8 (RFC 6533 section 3). */
    public static String sevenBit(String orcpt) {
        return ABOVE_ASCII.matcher(orcpt)
                .replaceAll(character -> "\\\\x{%X}".formatted(character.group().codePointAt(0)));
    }

    private static List<String> conditions(String value) {
        return Arrays.asList(upper(value).split(",", -1));
    }

    private static String upper(String value) {
        return value.toUpperCase(Locale.ROOT);
    }
}
