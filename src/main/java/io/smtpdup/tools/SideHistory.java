package io.smtpdup.tools;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.smtpdup.agreement.Sides;
import io.smtpdup.config.Destination;
import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.delivery.MailShapes.Shape;
import io.smtpdup.delivery.ServerFacts;
import io.smtpdup.message.PlainText;

/**
 * What each server has shown of itself last, and what the mails were like that the primary has taken, by the day: in a file, so that
 * a restart forgets neither a limit nor the mail that is larger. Somebody has it {@link #look} now and then. What servers say is cut here,
 * so that none fills memory or disk. Safe for use by several threads.
 */
public final class SideHistory {

    /** What a later version has written besides is not read. */
    private static final ObjectMapper MAPPER = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private static final Pattern KEYWORD = Pattern.compile("[A-Z0-9][A-Z0-9-]{0,31}");

    private static final long DAY_SECONDS = 86_400;

    private static final int MOST_KEYWORDS = 40;

    private static final int LONGEST_TEXT = 100;

    /** A limit of recipients may be one of the moment. */
    private static final Duration LIMIT_KEPT = Duration.ofDays(1);

    private final HistoryFile file;

    private final Duration kept;

    private final Destinations destinations;

    private final String primary;

    private final Map<String, String> backups = new HashMap<>();

    private final Clock clock;

    private final Map<String, Shown> servers = new TreeMap<>();

    private final TreeMap<Long, Shape> days = new TreeMap<>();

    private final Map<String, ServerFacts> noted = new HashMap<>();

    private boolean changed;

    /** A server, in the file; times are milliseconds since 1970. */
    record Shown(String name, long at, Map<String, String> extensions, String tls, String certificate, Long certificateEnd, int recipients,
            long recipientsAt) {

        Shown {
            Objects.requireNonNull(name, "name");
            extensions = new TreeMap<>(extensions); // as it is shown
        }
    }

    /** The file. */
    record Content(Map<String, Shown> servers, Map<Long, Shape> days) {
    }

    /**
     * Reads what is known.
     *
     * @param file made when missing, by the first look that has something to write
     * @param kept how long a day counts
     * @param clock of the destinations
     */
    public SideHistory(
            Path file, Duration kept, Destinations destinations, Destination primary, List<Destination> backups, Clock clock) {
        this.file = new HistoryFile(file, "what servers announce, and what mails were seen,", this::readFrom);
        this.kept = kept;
        this.destinations = destinations;
        this.primary = primary.address();
        backups.forEach(backup -> this.backups.put(backup.name(), backup.address()));
        this.clock = clock;
        this.file.read();
    }

    /** Adds what has happened since the look before. */
    synchronized void look() {
        file.read();
        Instant now = clock.instant();
        for (DestinationWatch watch : destinations.all()) {
            String address = watch.address();
            if (address.equals(primary) || backups.containsValue(address)) {
                note(watch, now);
            }
            if (address.equals(primary)) {
                Shape more = watch.shapes().take();
                if (more.mails() > 0) {
                    days.merge(day(now), more, Shape::and);
                    changed = true;
                }
            }
        }
        days.headMap(day(now.minus(kept))).clear();
        write();
    }

    private void note(DestinationWatch watch, Instant now) {
        ServerFacts facts = watch.facts();
        Shown before = servers.get(watch.address());
        if (facts != null && noted.put(watch.address(), facts) != facts) {
            before = new Shown(text(facts.name()), facts.at().toEpochMilli(), extensions(facts.extensions().keywords()), text(facts.tls()),
                    text(facts.certificate()), facts.certificateEnd() == null ? null : facts.certificateEnd().toEpochMilli(),
                    before == null ? 0 : before.recipients, before == null ? 0 : before.recipientsAt);
            servers.put(watch.address(), before);
            changed = true;
        }
        int limit = watch.recipients();
        if (before != null && limit > 0) {
            servers.put(watch.address(), new Shown(before.name, before.at, before.extensions, before.tls, before.certificate,
                    before.certificateEnd, limit, now.toEpochMilli()));
            changed |= limit != before.recipients;
        }
    }

    private static Map<String, String> extensions(Map<String, String> announced) {
        Map<String, String> extensions = new TreeMap<>();
        announced.forEach((keyword, parameters) -> {
            if (KEYWORD.matcher(keyword).matches() && extensions.size() < MOST_KEYWORDS) {
                extensions.put(keyword, text(parameters));
            }
        });
        return extensions;
    }

    private static String text(String said) {
        if (said == null) {
            return null;
        }
        String plain = PlainText.of(said.length() > LONGEST_TEXT ? said.substring(0, LONGEST_TEXT) : said).strip();
        return said.length() > LONGEST_TEXT ? plain + "..." : plain;
    }

    /** Of one backup, by its name. */
    synchronized Sides of(String backup) {
        Shape all = days.values().stream().reduce(Shape.NONE, Shape::and);
        Sides.Seen seen = all.mails() == 0 ? null : new Sides.Seen(all.mails(), all.largest(), time(all.largestAt()), all.mostRecipients(),
                time(all.mostRecipientsAt()), all.eightBit(), time(all.eightBitAt()), all.smtpUtf8(), time(all.smtpUtf8At()));
        return new Sides(server(primary), server(backups.get(backup)), seen);
    }

    private Sides.Server server(String address) {
        Shown shown = address == null ? null : servers.get(address);
        if (shown == null) {
            return null;
        }
        Instant now = clock.instant();
        Instant end = shown.certificateEnd == null ? null : Instant.ofEpochMilli(shown.certificateEnd);
        boolean limited = shown.recipients > 0 && shown.recipientsAt > now.minus(LIMIT_KEPT).toEpochMilli();
        return new Sides.Server(shown.name, time(shown.at), shown.extensions, shown.tls, shown.certificate,
                end == null ? null : time(end.toEpochMilli()),
                end == null ? null : (int) Math.floorDiv(Duration.between(now, end).toSeconds(), DAY_SECONDS),
                limited ? shown.recipients : null);
    }

    private static String time(long milliseconds) {
        return milliseconds == 0 ? null : Sides.time(Instant.ofEpochMilli(milliseconds));
    }

    private static long day(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), DAY_SECONDS);
    }

    private void readFrom(byte[] content) throws IOException {
        Content read = MAPPER.readValue(content, Content.class);
        Map<String, Shown> all = new TreeMap<>(read.servers);
        TreeMap<Long, Shape> seen = new TreeMap<>(read.days);
        seen.values().removeIf(Objects::isNull);
        all.keySet().removeIf(address -> !address.equals(primary) && !backups.containsValue(address));
        all.forEach(servers::putIfAbsent);
        seen.forEach((day, shape) -> days.merge(day, shape, Shape::and));
    }

    private void write() {
        if (changed && file.write(out -> out.write(MAPPER.writeValueAsBytes(new Content(servers, days))))) {
            changed = false;
        }
    }
}
