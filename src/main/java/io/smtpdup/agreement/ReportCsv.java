package io.smtpdup.agreement;

import org.jspecify.annotations.Nullable;

/**
 * A report as a table, one line for each count: of each relation, and of each kind of difference. Behind them, for each backup, what both
 * servers have shown of themselves (in the place of a relation {@code server}), and what mails were seen ({@code seen}).
 */
public final class ReportCsv {

    private static final String HEAD = "backup,verdict,relation,category,stage,primary,reply,count,first,last,mail\r\n";

    private ReportCsv() {
    }

    /** RFC 4180, with a head. A line of a relation has no category; the lines of its kinds add up to it. */
    public static String write(Report report) {
        StringBuilder csv = new StringBuilder(HEAD);
        for (Report.Backup backup : report.backups()) {
            backup.relations().forEach((relation, count) ->
                    line(csv, backup.backup(), backup.verdict(), relation, "", "", "", "", count.toString(), "", "", ""));
            for (Report.Difference one : backup.differences()) {
                line(csv, backup.backup(), backup.verdict(), one.relation(), one.category(), one.stage() == null ? "" : one.stage(),
                        one.primary(), one.backup(), Long.toString(one.count()), one.first(), one.last(),
                        one.examples().isEmpty() ? "" : one.examples().get(0).id());
            }
            sides(csv, backup);
        }
        return csv.toString();
    }

    private static void sides(StringBuilder csv, Report.Backup backup) {
        if (backup.servers() != null) {
            SidesText.pairs(backup.servers()).forEach((what, pair) -> line(csv, backup.backup(), backup.verdict(), "server", what, "",
                    pair.get(0), pair.get(1), "", "", "", ""));
        }
        Sides.Seen seen = backup.seen();
        if (seen != null) {
            seen(csv, backup, "mails", seen.mails(), null);
            seen(csv, backup, "largest", seen.largest(), seen.largestAt());
            seen(csv, backup, "most-recipients", seen.mostRecipients(), seen.mostRecipientsAt());
            seen(csv, backup, "8bitmime", seen.eightBit(), seen.eightBitAt());
            seen(csv, backup, "smtputf8", seen.smtpUtf8(), seen.smtpUtf8At());
        }
    }

    private static void seen(StringBuilder csv, Report.Backup backup, String what, long number, @Nullable String at) {
        line(csv, backup.backup(), backup.verdict(), "seen", what, "", "", "", Long.toString(number), "", at == null ? "" : at, "");
    }

    private static void line(StringBuilder csv, String... columns) {
        for (int i = 0; i < columns.length; i++) {
            csv.append(i == 0 ? "" : ",").append(quoted(columns[i]));
        }
        csv.append("\r\n");
    }

    /** A spreadsheet takes what begins with one of these as a formula. */
    private static String quoted(String text) {
        String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return safe.indexOf(',') < 0 && safe.indexOf('"') < 0 && safe.indexOf('\n') < 0 && safe.indexOf('\r') < 0 ? safe
                : "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
