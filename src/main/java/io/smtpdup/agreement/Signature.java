package io.smtpdup.agreement;

import org.jspecify.annotations.Nullable;

/**
 * A kind of difference: what a thousand refusals have in common that differ only in ids, numbers and addresses.
 *
 * @param relation what the two are to each other
 * @param category what the backup's refusal is about, or the primary's where the backup refused nothing
 * @param stage what the reply that refuses was said to; null where there is none
 * @param primary the primary's reply, masked; empty when not known
 * @param backup the backup's reply, masked, or why there is none
 */
record Signature(Relation relation, Category category, @Nullable Stage stage, String primary, String backup) {

    /** What the replies of kinds beyond the limit read. */
    static final String OTHER = "other";

    static Signature of(Comparison.Result result, Comparison comparison) {
        Answer primary = comparison.primary();
        Answer shown = comparison.shown();
        boolean ofBackup = shown != null && !shown.isPositive();
        boolean ofPrimary = primary != null && !primary.isPositive();
        Stage stage = ofBackup && shown != null ? shown.stage() : ofPrimary && primary != null ? primary.stage() : null;
        return new Signature(result.relation(), result.category(), stage, masked(primary, comparison.recipient(), ""),
                masked(shown, comparison.recipient(), comparison.fate().text()));
    }

    /**
     * The one in which a kind beyond the limit is counted: still with its relation and category, and why there was nothing to
     * compare, by which is judged.
     */
    Signature beyond() {
        return new Signature(relation, category, null, OTHER, Fate.isReason(backup) ? backup : OTHER);
    }

    /** What a server says when it takes a mail is different each time, and means nothing. */
    private static String masked(@Nullable Answer answer, String recipient, String without) {
        if (answer == null) {
            return without;
        }
        return answer.isPositive() ? answer.line("") : answer.line(Masking.mask(answer.text(), recipient));
    }
}
