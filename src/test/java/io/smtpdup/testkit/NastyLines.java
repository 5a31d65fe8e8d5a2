package io.smtpdup.testkit;

import static io.smtpdup.testkit.NastyMessage.ofBody;
import static io.smtpdup.testkit.NastyMessage.ofField;
import static io.smtpdup.testkit.NastyMessage.ofLines;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lines up to the 998 octets of RFC 5322 and far beyond, and lines with next to nothing in them. */
final class NastyLines {

    private static final int[] LENGTHS = {
        997, 998, 999, 1000, 1001, 1023, 1024, 2047, 2048, 4095, 4096, 8191, 8192, 10_000, 65_535, 65_536
    };

    private NastyLines() {}

    static Stream<NastyMessage> messages() {
        return Stream.concat(ofManyLengths(), odd());
    }

    private static Stream<NastyMessage> ofManyLengths() {
        return IntStream.of(LENGTHS).boxed().flatMap(length -> Stream.of(
                ofBody("lines/" + length + " octets in the body", "x".repeat(length)),
                ofBody("lines/" + length + " octets that begin and end with a dot", "." + "x".repeat(length - 2) + "."),
                ofField("lines/" + length + " octets in a field", "X-Long: " + "x".repeat(length - 8))));
    }

    private static Stream<NastyMessage> odd() {
        return Stream.of(
                ofBody("lines/1 MB in one line", "x".repeat(1 << 20)),
                ofBody("lines/1 MB of 8-bit octets in one line", "\u00e9".repeat(1 << 20)),
                ofBody("lines/1 MB in one line after a dot", "." + "x".repeat(1 << 20), "."),
                ofLines("lines/one line of 10,000 octets is all", "x".repeat(10_000)),
                ofBody("lines/10,000 blanks", " ".repeat(10_000)),
                ofBody("lines/10,000 tabs", "\t".repeat(10_000)),
                ofBody("lines/trailing blanks and tabs", "a ", "b\t", "c \t ", " ", "\t", "d"),
                ofBody("lines/leading blanks and tabs", " a", "\tb", " \t c"),
                ofBody("lines/trailing empty lines", "text", "", "", "", "", ""),
                ofBody("lines/leading empty lines", "", "", "", "", "text"),
                ofBody("lines/a hundred thousand empty lines", "\r\n".repeat(100_000)),
                ofBody("lines/a hundred thousand lines of one octet", "x\r\n".repeat(99_999) + "x"),
                ofBody("lines/From at the beginning", "From here on", "From: nobody", ">From there", "from"),
                ofBody("lines/format=flowed", "text ", "-- ", "> quoted ", " From stuffed"),
                ofBody("lines/signature and dashes", "--", "-- ", "---", "-"));
    }
}
