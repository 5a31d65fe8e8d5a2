package io.smtpdup.testkit;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Random binaries whose lengths lie around the sizes of buffers. */
final class NastySizes {

    private static final int[] EDGES = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131_072};

    private static final int[] OTHERS = {
        2, 3, 4, 5, 6, 7, 8, 9, 16, 100, 1000, 1460, 1500, 3000, 10_000, 50_000, 100_000, 150_000, 200_000
    };

    private NastySizes() {}

    static Stream<NastyMessage> messages() {
        IntStream around = IntStream.of(EDGES).flatMap(edge -> IntStream.rangeClosed(edge - 1, edge + 1));
        return IntStream.concat(around, IntStream.of(OTHERS)).boxed().flatMap(size -> Stream.of(
                new NastyMessage("sizes/" + size + " random octets", random(size, 30)),
                new NastyMessage("sizes/" + size + " random octets in short lines with dots", random(size, 2))));
    }

    /** So many octets: CRLF about once for each {@code perLine} of them, and a dot after every other CRLF. */
    private static byte[] random(int size, int perLine) {
        Random random = new Random(size * 31L + perLine);
        byte[] octets = new byte[size];
        random.nextBytes(octets);
        for (int i = 0; i < size; i++) {
            if (octets[i] == '\r' || octets[i] == '\n') {
                octets[i] = '.';
            }
        }
        int at = random.nextInt(perLine);
        while (at < size - 5) {
            octets[at] = '\r';
            octets[at + 1] = '\n';
            if (random.nextBoolean()) {
                octets[at + 2] = '.';
            }
            at += 2 + random.nextInt(2 * perLine);
        }
        octets[size - 2] = '\r';
        octets[size - 1] = '\n';
        return octets;
    }
}
