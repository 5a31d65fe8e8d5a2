package io.smtpdup.trace;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

import io.smtpdup.ops.LoggedEvent;

/**
 * Looks for mails in log files, which may be longer than memory: each is read once, from its beginning, and what may still turn out to be
 * meant, because only a later line names it, is remembered as the relay does it. Files are to be read in the order of time.
 */
public final class LogSearch {

    /** Longer than any line of ours. */
    private static final int LONGEST_LINE = 1 << 18;

    private final TraceQuery query;

    private final int limit;

    private final Traces seen = new Traces(1_000_000, Runtime.getRuntime().maxMemory() / 4);

    private final Map<String, Trace> found = new LinkedHashMap<>();

    private long more;

    private long events;

    /** @param limit keeps so many mails, the latest */
    public LogSearch(TraceQuery query, int limit) {
        this.query = query;
        this.limit = limit;
    }

    /**
     * Reads a log to its end, compressed with gzip or not.
     *
     * @param log is not closed
     */
    public void read(InputStream log) throws IOException {
        BufferedInputStream octets = new BufferedInputStream(log, 1 << 16);
        octets.mark(2);
        boolean compressed = octets.read() == 0x1f && octets.read() == 0x8b;
        octets.reset();
        Reader text = new BufferedReader(
                new InputStreamReader(compressed ? new GZIPInputStream(octets, 1 << 16) : octets, StandardCharsets.UTF_8), 1 << 16);
        StringBuilder line = new StringBuilder();
        for (int c = text.read(); c >= 0; c = text.read()) {
            if (c == '\n') {
                take(line);
            } else if (line.length() < LONGEST_LINE) {
                line.append((char) c);
            }
        }
        take(line);
    }

    private void take(StringBuilder line) {
        if (line.length() < LONGEST_LINE) {
            LogFormat.read(line.toString()).ifPresent(this::take);
        }
        line.setLength(0);
    }

    private void take(LoggedEvent event) {
        events++;
        String id = event.text("id");
        Trace known = found.get(id);
        if (known != null) {
            found.put(id, known.plus(event));
            return;
        }
        seen.accept(event);
        seen.get(id).filter(query::matches).ifPresent(mail -> {
            found.put(id, mail);
            if (found.size() > limit) {
                found.remove(found.keySet().iterator().next());
                more++;
            }
        });
    }

    /** The mails that are meant, in the order in which they were found. */
    public List<TracedMail> found() {
        return found.values().stream().map(mail -> TracedMail.of(mail, TracedMail.LOG)).toList();
    }

    /** How many are meant besides. */
    public long more() {
        return more;
    }

    /** How many lines were about mails; with none it was no log of ours. */
    public long events() {
        return events;
    }
}
