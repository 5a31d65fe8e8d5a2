package io.smtpdup.agreement;

import java.util.function.Consumer;

/** What replies are about, by the operator's table and ours, for who has no comparison to make. Safe for use by several threads. */
public final class ReplyMeanings {

    private final LiveFile<ReplyTable> table;

    /** @param says hears a line for what is wrong with the operator's file */
    public ReplyMeanings(AgreementSettings settings, Consumer<String> says) {
        table = new LiveFile<>(settings.replies(), ReplyTable.shipped(), ReplyTable::with, says);
    }

    /** What a reply is about; {@link Category#NONE} when it refuses nothing. */
    public synchronized Category of(Answer answer) {
        return table.get().categoryOf(answer);
    }

    /** Whether a refusal is for the recipient's sake, because there is none of that name, or of its mailbox. */
    public boolean isAboutRecipient(Answer answer) {
        Category category = of(answer);
        return category == Category.ADDRESS || category == Category.MAILBOX;
    }

    /** Looks whether the operator's file has changed. */
    public synchronized void refresh() {
        table.refresh();
    }
}
