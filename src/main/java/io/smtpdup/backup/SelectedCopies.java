package io.smtpdup.backup;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.CRC32C;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.CopySelection;
import io.smtpdup.config.Destination;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.spool.CopyFilter;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Leaves out of one backup's copies what the operator wants left out, and counts it. Safe for use by several threads. */
public final class SelectedCopies implements CopyFilter {

    /** Hundredths of a percent. */
    private static final int PARTS = 10_000;

    private final Destination backup;

    private final CopySelection selection;

    private final Verdicts verdicts;

    private final Map<Reason, LongAdder> leftOut = new EnumMap<>(Reason.class);

    /** Why a recipient's copy is left out: the name of the option. */
    private enum Reason {
        MAX_SIZE, ONLY, EXCEPT, SAMPLE
    }

    /** @param verdicts hears of recipients who are left out */
    public SelectedCopies(Destination backup, Verdicts verdicts) {
        this.backup = backup;
        this.verdicts = verdicts;
        selection = backup.limits().selection();
        for (Reason reason : Reason.values()) {
            leftOut.put(reason, new LongAdder());
        }
    }

    @Override
    public List<String> of(Message mail, List<String> recipients) {
        long size = mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class);
        List<String> part = recipients.stream().filter(recipient -> {
            Reason reason = reason(selection, recipient.toLowerCase(Locale.ROOT), size);
            if (reason != null) {
                leftOut.get(reason).increment();
            }
            return reason == null;
        }).toList();
        boolean toAnother = !part.isEmpty() && selection.to().isPresent();
        if (toAnother || part.size() < recipients.size()) {
            Set<String> got = toAnother ? Set.of() : new HashSet<>(part);
            verdicts.leftOut(mail, recipients.stream().filter(recipient -> !got.contains(recipient)).toList(), backup.name());
        }
        return toAnother ? List.of(selection.to().get()) : part;
    }

    /** Whether a mail for this recipient reaches the backup under its address, as far as its size does not matter. */
    boolean wants(String recipient) {
        return wants(selection, recipient);
    }

    /** Whether a mail for this recipient reaches a backup under its address, as far as its size does not matter. */
    public static boolean wants(CopySelection selection, String recipient) {
        return selection.to().isEmpty() && reason(selection, recipient.toLowerCase(Locale.ROOT), 0) == null;
    }

    /** Null for a recipient whose copy the backup gets. */
    private static @Nullable Reason reason(CopySelection selection, String recipient, long size) {
        return selection.maxSize().filter(largest -> size > largest).isPresent() ? Reason.MAX_SIZE
                : !selection.only().isEmpty() && !isIn(selection.only(), recipient) ? Reason.ONLY
                : isIn(selection.except(), recipient) ? Reason.EXCEPT
                : selection.sample().filter(percent -> place(recipient) >= percent * 100).isPresent() ? Reason.SAMPLE
                : null;
    }

    private static boolean isIn(List<String> entries, String recipient) {
        return entries.contains(recipient) || entries.contains(recipient.substring(Math.max(0, recipient.lastIndexOf('@'))));
    }

    /** Where among all mailboxes this one stands, always the same: who is in a sample of 5 % is in one of 10 % too. */
    private static int place(String recipient) {
        CRC32C sum = new CRC32C();
        sum.update(recipient.getBytes(StandardCharsets.UTF_8));
        return (int) (sum.getValue() % PARTS);
    }

    /** Shows in the metrics what was left out. */
    public void bindTo(MeterRegistry meters) {
        leftOut.forEach((reason, count) -> FunctionCounter.builder("smtpdup.copies.left.out", count, LongAdder::sum)
                .description("Recipients whose copies a backup did not get because the options behind its address leave them out")
                .baseUnit("recipients").tag("destination", backup.address()).tag("reason", reason.name().toLowerCase(Locale.ROOT))
                .register(meters));
    }
}
