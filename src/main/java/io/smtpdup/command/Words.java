package io.smtpdup.command;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.HowLong;

/** Times, sizes and numbers, as people read them. */
final class Words {

    private Words() {
    }

    /** {@code 3 min ago}; a dash for null. */
    static String ago(JsonNode time) {
        return time.isNull() || time.isMissingNode() ? "-" : HowLong.text(Duration.between(instant(time), Instant.now())) + " ago";
    }

    /** {@code in 3 min}, or {@code now}. */
    static String in(JsonNode time) {
        Duration left = Duration.between(Instant.now(), instant(time));
        return left.compareTo(Duration.ofSeconds(1)) < 0 ? "now" : "in " + HowLong.text(left);
    }

    /** {@code 2026-03-01 09:12:30 UTC (3 min ago)}. */
    static String at(JsonNode time) {
        Instant instant = instant(time);
        return instant.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC")
                + " (" + (instant.isAfter(Instant.now()) ? in(time) : ago(time)) + ")";
    }

    static String size(long octets) {
        return octets < 1000 ? octets + " B"
                : octets < 1_000_000 ? String.format(Locale.ROOT, "%.1f KB", octets / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", octets / 1e6);
    }

    /** {@code 1 copy}, {@code 2 copies}. */
    static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    private static Instant instant(JsonNode time) {
        return Instant.parse(time.asText());
    }
}
