package io.smtpdup.trace;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as an operator writes them: out of a log, out of a complaint, or so long ago. */
public final class TraceTimes {

    private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

    private final ZoneId zone;

    private final Instant now;

    /** @param zone of a time that names none */
    public TraceTimes(ZoneId zone, Instant now) {
        this.zone = zone;
        this.now = now;
    }

    /**
     * A time.
     *
     * @param text such as {@code 2026-03-01T09:12:30Z}, {@code 2026-03-01 10:12}, {@code 2026-03-01} for its beginning, {@code 10:12} for
     *     the last time that it was so late, or {@code 2h} for two hours ago
     * @throws IllegalArgumentException when it is none of these
     */
    public Instant time(String text) {
        String form = text.strip().replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T").replaceFirst("(?<=:\\d\\d),", ".");
        try {
            if (AGO.matcher(form).matches()) {
                return now.minus(span(form));
            } else if (form.matches("\\d{4}-\\d\\d-\\d\\dT.*(Z|[+-]\\d\\d:?\\d\\d)")) {
                return OffsetDateTime.parse(form.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2")).toInstant();
            } else if (form.contains("T")) {
                return LocalDateTime.parse(form).atZone(zone).toInstant();
            } else if (form.contains("-")) {
                return LocalDate.parse(form).atStartOfDay(zone).toInstant();
            }
            ZonedDateTime today = now.atZone(zone).with(LocalTime.parse(form));
            return (today.toInstant().isAfter(now) ? today.minusDays(1) : today).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no time like 10:32, 2026-03-01, \"2026-03-01 10:32\", 2026-03-01T09:32:00Z or 2h");
        }
    }

    /**
     * How long.
     *
     * @param text such as {@code 90s}, {@code 10m}, {@code 2h} or {@code 5d}
     * @throws IllegalArgumentException when it is none of these
     */
    public static Duration span(String text) {
        Matcher ago = AGO.matcher(text.strip());
        if (!ago.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no time like 90s, 10m, 2h or 5d");
        }
        long number = Long.parseLong(ago.group(1));
        return switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
