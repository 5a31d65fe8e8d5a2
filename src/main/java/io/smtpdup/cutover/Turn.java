package io.smtpdup.cutover;

import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A time in which one server is the primary.
 *
 * @param primary host:port
 * @param since when the relay began to give it mails as such, in ISO 8601 and UTC
 * @param before the primary until then, host:port; null when that is not known
 * @param how why it became the primary
 * @param reason what the operator said; null for nothing
 * @param verdict of the agreement report at that moment; null when there was none
 * @param takenOff options that it had as a backup, and gets back when it becomes one again; empty for none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Turn(String primary, String since, @Nullable String before, How how, @Nullable String reason, @Nullable String verdict,
        String takenOff) {

    public Turn {
        Objects.requireNonNull(primary, "primary");
        Objects.requireNonNull(how, "how");
        Objects.requireNonNull(takenOff, "takenOff");
        Instant.parse(since);
    }

    /** The same as {@link #since}. */
    @JsonIgnore
    public Instant begun() {
        return Instant.parse(since);
    }

    /** Why a server is the primary. */
    public enum How {

        /** The first one that the relay has known. */
        @JsonProperty("first")
        FIRST,

        /** The command {@code cutover}. */
        @JsonProperty("cutover")
        CUTOVER,

        /** The command {@code rollback}. */
        @JsonProperty("rollback")
        ROLLBACK,

        /** Somebody has changed the settings. */
        @JsonProperty("settings")
        SETTINGS;

        /** As the log and reports name it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
