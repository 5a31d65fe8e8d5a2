package io.smtpdup.agreement;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;
import java.util.Locale;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Times as reports write them. */
final class ReportTimes {

    /** Three digits, so that they can be compared as texts. */
    private static final DateTimeFormatter FORM = new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private ReportTimes() {
    }

    static String text(long milliseconds) {
        return FORM.format(Instant.ofEpochMilli(milliseconds));
    }

    /** Times in reports all have the same length. */
    static @Nullable String later(@Nullable String one, @Nullable String two) {
        return one == null || two != null && two.compareTo(one) > 0 ? two : one;
    }

    static long secondsBetween(@Nullable String since, @Nullable String until) {
        try {
            return since == null || until == null ? 0 : Duration.between(Instant.parse(since), Instant.parse(until)).toSeconds();
        } catch (DateTimeException e) {
            return 0;
        }
    }

    static Report.Percentiles percentiles(Histogram times) {
        return times.getTotalCount() == 0 ? new Report.Percentiles(0, 0, 0, 0)
                : new Report.Percentiles(times.getValueAtPercentile(50), times.getValueAtPercentile(95), times.getValueAtPercentile(99),
                        times.getTotalCount());
    }

    static String encoded(Histogram times) {
        return Base64.getEncoder().encodeToString(Times.encode(times));
    }
}
