package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** A count for each hour; the hours are numbered from 1970 on. */
final class Hours {

    /** A clock that was set back for longer than this is not told from one that is right. */
    private static final int LONGEST = 24 * 64;

    private int first;

    private int[] counts = new int[0];

    /** Counts into an hour; one before what is kept counts into the first that is. What is no longer kept is not taken back. */
    void add(int hour, int count) {
        int index = hour - first;
        if (count < 0 && (index < 0 || index >= counts.length)) {
            return;
        }
        if (counts.length == 0) {
            first = hour;
            index = 0;
        }
        if (index < 0 && counts.length - index <= LONGEST) {
            int[] longer = new int[counts.length - index];
            System.arraycopy(counts, 0, longer, -index, counts.length);
            counts = longer;
            first = hour;
        } else if (index >= counts.length) {
            if (index >= 2 * LONGEST) {
                prune(hour - LONGEST);
            }
            if (counts.length == 0) {
                first = hour;
            }
            counts = Arrays.copyOf(counts, Math.max(hour - first + 1, counts.length + Math.min(counts.length, 24)));
        }
        index = Math.max(0, hour - first);
        counts[index] = Math.max(0, counts[index] + count);
    }

    /** What was counted in an hour and all after it. */
    long since(int hour) {
        long total = 0;
        for (int i = Math.max(0, hour - first); i < counts.length; i++) {
            total += counts[i];
        }
        return total;
    }

    /** The first hour with a count from one on; {@link Integer#MAX_VALUE} when there is none. */
    int firstFrom(int hour) {
        for (int i = Math.max(0, hour - first); i < counts.length; i++) {
            if (counts[i] > 0) {
                return first + i;
            }
        }
        return Integer.MAX_VALUE;
    }

    /** The last hour with a count up to one; {@link Integer#MIN_VALUE} when there is none. */
    int lastUntil(int hour) {
        for (int i = Math.min(counts.length - 1, hour - first); i >= 0; i--) {
            if (counts[i] > 0) {
                return first + i;
            }
        }
        return Integer.MIN_VALUE;
    }

    int in(int hour) {
        int index = hour - first;
        return index < 0 || index >= counts.length ? 0 : counts[index];
    }

    /** Forgets the hours before one. */
    void prune(int before) {
        int gone = before - first;
        if (gone >= counts.length) {
            counts = new int[0];
        } else if (gone > 0) {
            counts = Arrays.copyOfRange(counts, gone, counts.length);
            first = before;
        }
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeInt(first);
        out.writeInt(counts.length);
        for (int count : counts) {
            out.writeInt(count);
        }
    }

    static Hours readFrom(DataInput in) throws IOException {
        Hours hours = new Hours();
        hours.first = in.readInt();
        int length = in.readInt();
        if (length < 0 || length > 4 * LONGEST) {
            throw new IOException("not a row of hours: " + length);
        }
        hours.counts = new int[length];
        for (int i = 0; i < length; i++) {
            hours.counts[i] = in.readInt();
        }
        return hours;
    }
}
