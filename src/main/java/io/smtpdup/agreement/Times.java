package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;

import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;

/** How long something took, as a histogram for each week: what is older than is kept goes by weeks. */
final class Times {

    /** In milliseconds an hour, and in seconds six weeks: what takes longer counts as that. */
    private static final long LONGEST = 3_600_000;

    private static final int DIGITS = 2;

    private final TreeMap<Integer, IntCountsHistogram> weeks = new TreeMap<>();

    void add(int day, int value) {
        if (value >= 0) {
            weeks.computeIfAbsent(day / 7, week -> new IntCountsHistogram(LONGEST, DIGITS)).recordValue(Math.min(value, LONGEST));
        }
    }

    /** All weeks together. */
    Histogram total() {
        Histogram total = new Histogram(LONGEST, DIGITS);
        weeks.values().forEach(total::add);
        return total;
    }

    void prune(int beforeDay) {
        weeks.headMap(beforeDay / 7).clear();
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeInt(weeks.size());
        for (Map.Entry<Integer, IntCountsHistogram> week : weeks.entrySet()) {
            out.writeInt(week.getKey());
            byte[] octets = encode(week.getValue());
            out.writeInt(octets.length);
            out.write(octets);
        }
    }

    static Times readFrom(DataInput in) throws IOException {
        Times times = new Times();
        for (int left = in.readInt(); left > 0; left--) {
            int week = in.readInt();
            int length = in.readInt();
            if (length < 0 || length > 1 << 20) {
                throw new IOException("not a histogram: " + length);
            }
            byte[] octets = new byte[length];
            in.readFully(octets);
            Histogram read = decode(octets);
            IntCountsHistogram histogram = new IntCountsHistogram(LONGEST, DIGITS);
            histogram.add(read);
            times.weeks.put(week, histogram);
        }
        return times;
    }

    static byte[] encode(AbstractHistogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        byte[] octets = new byte[length];
        buffer.flip().get(octets);
        return octets;
    }

    static Histogram decode(byte[] octets) throws IOException {
        try {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(octets), 0);
        } catch (DataFormatException | RuntimeException e) {
            throw new IOException("not a histogram", e);
        }
    }
}
