package io.smtpdup.agreement;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * A difference that the operator expects, until a day.
 *
 * @param category what the refusal is about; null for anything
 * @param reply the backup's reply, or the primary's, with {@code *} for anything
 * @param recipient an address, {@code @domain}, or {@code *}
 * @param backup the backup's name, or {@code *}
 * @param until the last day on which it holds
 * @param reason for those who read the report
 */
record ExpectedRule(@Nullable Category category, String reply, String recipient, String backup, LocalDate until, String reason) {

    /** Whether it is about this difference. @param today when the difference was found */
    boolean fits(Comparison.Result result, Comparison comparison, LocalDate today) {
        return !today.isAfter(until)
                && (category == null || category == result.category())
                && (backup.equals("*") || backup.equals(comparison.backup()))
                && fitsRecipient(comparison.recipient())
                && (reply.equals("*") || fitsReply(comparison.shown()) || fitsReply(comparison.primary()));
    }

    private boolean fitsRecipient(String address) {
        return recipient.equals("*") || recipient.equalsIgnoreCase(address)
                || recipient.startsWith("@") && address.toLowerCase(Locale.ROOT).endsWith(recipient.toLowerCase(Locale.ROOT));
    }

    private boolean fitsReply(@Nullable Answer answer) {
        return answer != null && !answer.isPositive() && Words.fits(answer.line(), reply);
    }

    /** @throws IllegalArgumentException when a column is not what it may be; the message says which and what it may be */
    static ExpectedRule parse(String[] columns) {
        if (columns.length != 6) {
            throw new IllegalArgumentException("has " + columns.length
                    + " columns: must be category | reply | recipient | backup | until | reason");
        }
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].isEmpty()) {
                throw new IllegalArgumentException("column " + (i + 1) + " is empty: write * for anything");
            }
        }
        if (columns[0].equals("*") && columns[1].equals("*") && columns[2].equals("*")) {
            throw new IllegalArgumentException("expects everything: must name a category, a reply or a recipient");
        }
        if (columns[5].equals("*")) {
            throw new IllegalArgumentException("has no reason: must say why the difference is right");
        }
        Category category = columns[0].equals("*") ? null : Category.of(columns[0])
                .orElseThrow(() -> new IllegalArgumentException("'" + columns[0] + "' is no category"));
        if (columns[2].indexOf('@') < 0 && !columns[2].equals("*")) {
            throw new IllegalArgumentException("'" + columns[2] + "': must be an address, @domain or *");
        }
        return new ExpectedRule(category, columns[1], columns[2], columns[3], day(columns[4]), columns[5]);
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "': must be a day, such as 2027-03-31", e);
        }
    }
}
