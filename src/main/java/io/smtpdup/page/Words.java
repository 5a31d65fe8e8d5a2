package io.smtpdup.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

import io.smtpdup.message.HowLong;
import io.smtpdup.message.PlainText;
import io.smtpdup.message.SteadyClock;

/** Times, sizes, numbers and other servers' words, as the pages show them. */
final class Words {

    private static final int LONGEST = 400;

    private static final Clock CLOCK = SteadyClock.system();

    private Words() {
    }

    /** A text of unknown origin: one line, nothing that turns the direction of what follows, not endless; empty for null. */
    static String plain(String text) {
        return plain(text, LONGEST);
    }

    static String plain(String text, int longest) {
        if (text == null) {
            return "";
        }
        if (text.length() <= longest) {
            return PlainText.of(text);
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return PlainText.of(text.substring(0, end)) + "…";
    }

    /** Begins with a capital letter, unless it begins with a host or a key. */
    static String sentence(String text) {
        return text.matches("[a-z]+'?[a-z]*[ ,].*") ? Character.toUpperCase(text.charAt(0)) + text.substring(1) : text;
    }

    /** An address between brackets, as SMTP writes it. */
    static String path(String address) {
        return "<" + plain(address) + ">";
    }

    /** For a query. */
    static String url(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 copy}, {@code 1,200 copies}. */
    static String count(long number, String one, String many) {
        return number(number) + " " + (number == 1 ? one : many);
    }

    static String copies(long number) {
        return count(number, "copy", "copies");
    }

    static String size(long octets) {
        return octets < 1000 ? octets + " B"
                : octets < 1_000_000 ? String.format(Locale.ROOT, "%.1f KB", octets / 1e3)
                : octets < 1_000_000_000 ? String.format(Locale.ROOT, "%.1f MB", octets / 1e6)
                : String.format(Locale.ROOT, "%,.1f GB", octets / 1e9);
    }

    /** Mails per minute, from a number of five minutes. */
    static String rate(long inFiveMinutes) {
        double rate = inFiveMinutes / 5.0;
        return rate == 0 ? "0" : rate < 10 ? String.format(Locale.ROOT, "%.1f", rate) : number(Math.round(rate));
    }

    /** How long ago; a dash for null. */
    static String ago(Instant time) {
        return time == null ? "–" : HowLong.text(Duration.between(time, CLOCK.instant())) + " ago";
    }

    /** How long since; empty for null. */
    static String since(Instant time) {
        return time == null ? "" : HowLong.text(Duration.between(time, CLOCK.instant()));
    }

    /** How long to wait for it. */
    static String in(Instant time) {
        Duration left = time == null ? Duration.ZERO : Duration.between(CLOCK.instant(), time);
        return left.toSeconds() < 1 ? "now" : "in " + HowLong.text(left);
    }

    /** How long ago by the clock on the wall, of a time that this one has told. */
    static String agoOnTheWall(Instant time) {
        return HowLong.text(Duration.between(time, Instant.now())) + " ago";
    }

    /** A time that the clock on the wall has told. */
    static String onTheWall(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
    }

    /** By the watch on the wall, {@code 2026-03-01 09:12:30 UTC}; empty for null. */
    static String at(Instant time) {
        return time == null ? "" : onTheWall(SteadyClock.system().toWall(time));
    }
}
