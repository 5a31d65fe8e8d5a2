package io.smtpdup.agreement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/** A report as JSON, and back. */
public final class ReportJson {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private ReportJson() {
    }

    /** With a line end. */
    public static String write(Report report) {
        try {
            return MAPPER.writeValueAsString(report) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads what another relay has written.
     *
     * @throws IOException when it is no report
     */
    public static Report read(String json) throws IOException {
        Report report = MAPPER.readValue(json, Report.class);
        if (report == null || report.verdict() == null || report.backups() == null || !report.backups().stream().allMatch(ReportJson::isWhole)) {
            throw new IOException("not an agreement report, or that of another version");
        }
        return report;
    }

    private static boolean isWhole(Report.Backup one) {
        return areThere(one) && areThere(one.backup(), one.verdict(), one.reasons(), one.notes(), one.relations(), one.coverage(),
                one.latency(), one.differences(), one.evidence()) && areThere(one.latency().primary(), one.latency().backup(),
                one.evidence().mark(), one.evidence().addresses(), one.evidence().circumstances(), one.evidence().primaryTimes(),
                one.evidence().backupTimes(), one.evidence().healingTimes())
                && Stream.concat(one.reasons().stream(), one.notes().stream()).allMatch(reason -> areThere(reason)
                        && areThere(reason.code(), reason.text(), reason.advice()))
                && one.differences().stream().allMatch(kind -> areThere(kind) && areThere(kind.relation(), kind.category(), kind.primary(),
                        kind.backup(), kind.first(), kind.last(), kind.examples()));
    }

    private static boolean areThere(@Nullable Object... parts) {
        return Stream.of(parts).allMatch(Objects::nonNull);
    }
}
