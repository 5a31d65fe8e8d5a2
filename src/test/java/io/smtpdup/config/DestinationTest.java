package io.smtpdup.config;

import java.util.List;
import java.util.Optional;

import io.smtpdup.net.TlsMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DestinationTest {

    @ParameterizedTest
    @CsvSource({
        "mail.example.com, mail.example.com:25, OFFERED",
        "mail.example.com:2525, mail.example.com:2525, OFFERED",
        "smtp://mail.example.com, mail.example.com:25, OFFERED",
        "SMTPS://mail.example.com, mail.example.com:465, IMPLICIT",
        "smtps://mail.example.com:10465, mail.example.com:10465, IMPLICIT",
        "mail.example.com?tls=required, mail.example.com:25, REQUIRED",
        "smtp://[::1]:26?tls=off, [::1]:26, OFF"})
    void readsAddressAndTls(String text, String address, TlsMode tls) {
        Destination destination = Destination.parse(text, TlsMode.OFFERED);

        assertThat(destination.address()).isEqualTo(address);
        assertThat(destination.tls()).isEqualTo(tls);
        assertThat(destination.user()).isEmpty();
    }

    @Test
    void takesTheDefaultTlsOnlyWhenItSaysNothingItself() {
        assertThat(Destination.parse("mail", TlsMode.REQUIRED).tls()).isEqualTo(TlsMode.REQUIRED);
        assertThat(Destination.parse("mail?tls=off", TlsMode.REQUIRED).tls()).isEqualTo(TlsMode.OFF);
    }

    @Test
    void readsWhatABackupSaysAboutItself() {
        Destination destination = Destination.parse("mail?tls=off&concurrency=2&Connections=1&rate=600&retry_for=10D&discard_ehlo=pipelining+dsn"
                + "&check_refused=TRUE", TlsMode.OFFERED);

        assertThat(destination.tls()).isEqualTo(TlsMode.OFF);
        assertThat(destination.limits()).isEqualTo(new DestinationLimits(
                Optional.of(2), Optional.of(1), Optional.of(600), Optional.of("10d"), Optional.of("PIPELINING,DSN"), Optional.of(true),
                CopySelection.ALL));
        assertThat(Destination.parse("smtps://mail?rate=1", TlsMode.OFF).limits().rate()).contains(1);
    }

    @Test
    void readsWhichMailsABackupGets() {
        Destination destination = Destination.parse(
                "me:s@mail:26?only=@Example.org,User@x.org&except=boss@example.org&sample=0.5&max_size=1000&to=all@x.org", TlsMode.OFF);

        assertThat(destination.address()).isEqualTo("mail:26");
        assertThat(destination.username()).isEqualTo("me");
        assertThat(destination.limits().selection()).isEqualTo(new CopySelection(List.of("@example.org", "user@x.org"),
                List.of("boss@example.org"), Optional.of(0.5), Optional.of(1000), Optional.of("all@x.org")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"only=", "only=example.org", "only=a@b,", "except=@", "sample=101", "sample=5%", "sample=-1",
        "max_size=0", "max_size=10M", "to=@example.org", "to=a@b,c@d", "olny=@a"})
    void refusesASelectionThatIsNone(String option) {
        assertThatIllegalArgumentException().isThrownBy(() -> Destination.parse("mail?" + option, TlsMode.OFF));
    }

    @Test
    void decodesCredentialsAndKeepsThePlusSign() {
        Destination destination = Destination.parse("smtps://us%40er:p%3Aa+b%2C%c3%a9@mail", TlsMode.OFFERED);

        assertThat(destination.username()).isEqualTo("us@er");
        assertThat(destination.password()).isEqualTo("p:a+b,\u00e9");
    }

    @Test
    void neverShowsThePassword() {
        assertThat(Destination.parse("user:s3cret@mail", TlsMode.OFFERED)).asString()
                .isEqualTo("user:***@mail:25 tls=offered");
    }

    @Test
    void hasANameForQueuesOfItsOwn() {
        List<String> names = List.of("mail-a:25", "mail_a:25", "mail.a:25", "mail-a-2:5", "mail-a_2:5", "mail_a-2:5",
                        "[2001:db8::1]:25", "2001-db8--1:25", "mail_a:26", "mail-a-25-u4:25").stream()
                .map(text -> Destination.parse(text, TlsMode.OFFERED).name())
                .toList();

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9.-]+"))
                .startsWith("mail-a-25", "mail-a-25-u4");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "http://mail", "smtp://", "mail:0", "mail:s3cret", "user:s3cret@", "user@mail", ":s3cret@mail", "user:@mail",
        "user:s3cret%4@mail", "user:s3cret@x@mail", "user:s3cret/@mail", "user:s3cret?@mail", "user:s3 cret@mail",
        "user:s3cret%0d@mail", "mail?", "mail?tls=implicit", "mail?tls=s3cret", "mail?tls=off&tls=off",
        "smtps://mail?tls=required", "mail?concurrency=0", "mail?rate=s3cret", "mail?retry_for=5", "mail?retry_for=366d",
        "mail?discard_ehlo=", "mail?discard_ehlo=+dsn", "mail?discard_ehlo=s3cret:dsn", "mail?tls=required&discard_ehlo=starttls",
        "mail?tls=off&", "mail?rate=1&rate=2", "mail:25/", "mail,mail"})
    void refusesAnythingElseWithoutRepeatingIt(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Destination.parse(text, TlsMode.OFFERED))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail.example.com:25", "MAIL.Example.com", "mail_a:25", "_m_a_:2525", "mail-25:465", "mail-25-u4:25",
            "mail-25-v6:25", "[2001:db8::1]:25", "[::1]", "[::ffff:192.0.2.1]:25", "192.0.2.1:65535", "smtp://user:pass@new.example.com?tls=off",
            "smtps://new.example.com", "mail.example.com.:25"})
    void findsThePlaceOfAName(String text) {
        Destination destination = Destination.parse(text, TlsMode.OFFERED);

        assertThat(Destination.placeOf(destination.name())).contains(destination.hostPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-25", "mail", "mail-", "mail-0", "mail-65536", "mail-25-u9", "mail-25-u1", "mail-25-v6", "Mail-25", "mail-025"})
    void findsNoPlaceOfWhatIsNoName(String name) {
        assertThat(Destination.placeOf(name)).isEmpty();
    }
}
