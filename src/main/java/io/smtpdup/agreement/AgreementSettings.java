package io.smtpdup.agreement;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.smtpdup.config.Key;
import io.smtpdup.config.KeyValues;
import io.smtpdup.config.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How agreement is kept and judged.
 *
 * @param directory where it is kept; made when missing
 * @param addresses how addresses are kept
 * @param retain how long: 1 to 60 days
 * @param expected the file with the differences that the operator expects, which need not exist; null for none
 * @param replies the file with the operator's own lines for the table of replies, which need not exist; null for none
 * @param thresholds what must be reached for {@link Verdict#READY}
 * @param zone where it is Monday
 */
public record AgreementSettings(Path directory, Addresses addresses, Duration retain, @Nullable Path expected, @Nullable Path replies,
        Thresholds thresholds, ZoneId zone) {

    /** More days than that do not fit into a recipient's row. */
    public static final Duration LONGEST_RETAIN = Duration.ofDays(60);

    public AgreementSettings {
        if (retain.compareTo(Duration.ofDays(1)) < 0 || retain.compareTo(LONGEST_RETAIN) > 0) {
            throw new IllegalArgumentException("agreement.retain: must be between 1 d and 60 d, not " + retain);
        }
    }

    /** The defaults: hashed addresses, 30 days, no files of the operator. */
    public static AgreementSettings in(Path directory) {
        return new AgreementSettings(directory, Addresses.HASHED, Duration.ofDays(30), null, null, Thresholds.DEFAULTS,
                ZoneId.systemDefault());
    }

    /** As an operator has set them; the store is {@code agreement} in {@code spool.directory}. */
    public static AgreementSettings of(Settings settings) {
        KeyValues keys = settings.agreement();
        return new AgreementSettings(settings.spoolDirectory().resolve("agreement"),
                Addresses.valueOf(keys.word(Key.AGREEMENT_ADDRESSES).toUpperCase(Locale.ROOT)), keys.time(Key.AGREEMENT_RETAIN),
                settings.agreementExpected().orElse(null), settings.agreementReplies().orElse(null), Thresholds.of(keys),
                ZoneId.systemDefault());
    }

    /** What is wrong with the operator's files, a line each: at a check it fails, at a start it is logged. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        new LiveFile<>(replies, ReplyTable.shipped(), ReplyTable::with, problems::add).refresh();
        new LiveFile<>(expected, ExpectedRules.NONE, ExpectedRules::parse, problems::add).refresh();
        return problems;
    }
}
