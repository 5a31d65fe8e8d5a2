package io.smtpdup.recipients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFileTest {

    private static AddressFile read(byte[] octets) throws IOException {
        return AddressFile.read(new ByteArrayInputStream(octets));
    }

    private static AddressFile read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsNoFurtherThanItMustToKnowThatThereIsTooMuch() throws IOException {
        AddressFile wrong = AddressFile.read(new Endless("no\n"));
        assertThat(wrong.wrong()).isEqualTo(AddressFile.MOST_WRONG);
        assertThat(wrong.isTooLong()).isTrue();

        AddressFile many = AddressFile.read(new Endless("%d@b.test\n"));
        assertThat(many.addresses()).hasSize(RecipientChecks.MOST + 1);
        assertThat(many.isTooLong()).isTrue();
        assertThat(read("a@b.test\n").isTooLong()).isFalse();
    }

    @Test
    void keepsNoMoreOfALineThanAnAddressMayHave() throws IOException {
        AddressFile list = read("#" + "x".repeat(1 << 20) + "\na@" + "b".repeat(1 << 20) + "\nc@d.test");

        assertThat(list.addresses()).containsExactly("c@d.test");
        assertThat(list.problems()).singleElement().asString().startsWith("line 2: longer than an address may be: a@bbb").hasSizeLessThan(200);
    }

    /** The same line again and again, with its number in it. */
    private static final class Endless extends InputStream {

        private final String line;

        private byte[] now = {};

        private int at;

        private int number;

        Endless(String line) {
            this.line = line;
        }

        @Override
        public int read() {
            if (at == now.length) {
                now = String.format(Locale.ROOT, line, number++).getBytes(StandardCharsets.UTF_8);
                at = 0;
            }
            return now[at++];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void readsOneAddressALineWhateverEndsIt(String end) throws IOException {
        AddressFile list = read(String.join(end, "# the sales team", "a@b.test", "", "  <c@b.test>  ", "\t", "#d@b.test"));

        assertThat(list.addresses()).containsExactly("a@b.test", "c@b.test");
        assertThat(list.wrong()).isZero();
    }

    @Test
    void skipsAByteOrderMark() throws IOException {
        assertThat(read("\uFEFFa@b.test\n".getBytes(StandardCharsets.UTF_8)).addresses()).containsExactly("a@b.test");
        assertThat(read("\uFEFF# a comment\n").wrong()).isZero();
        assertThat(read("").addresses()).isEmpty();
    }

    @Test
    void namesAMailboxOnce() throws IOException {
        AddressFile list = read("a@b.test\nA@b.test\na@B.TEST\n<a@b.test>\n");

        assertThat(list.addresses()).containsExactly("a@b.test", "A@b.test");
        assertThat(list.repeated()).isEqualTo(2);
    }

    @Test
    void namesTheLinesThatAreNoAddress() throws IOException {
        AddressFile list = read("a@b.test\n\nBob\nc@b.test, d@b.test\nx@\n");

        assertThat(list.addresses()).containsExactly("a@b.test");
        assertThat(list.problems()).extracting(AddressFile.Problem::toString).containsExactly("line 3: no domain: Bob",
                "line 4: not an address: c@b.test, d@b.test", "line 5: not an address: x@");
    }

    @Test
    void namesTheFirstOfVeryMany() throws IOException {
        AddressFile list = read("no\n".repeat(500));

        assertThat(list.wrong()).isEqualTo(500);
        assertThat(list.problems()).hasSize(AddressFile.TOLD);
    }

    @Test
    void saysThatALineIsNotUtf8() throws IOException {
        AddressFile list = read("a@b.test\njörg@b.test\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(list.problems()).extracting(AddressFile.Problem::toString).containsExactly("line 2: not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"jörg@b.test, jörg@b.test", "info@bücher.test, info@xn--bcher-kva.test", "jörg@bücher.test, jörg@bücher.test",
        "\"a b\"@b.test, \"a b\"@b.test", "a@[192.0.2.1], a@[192.0.2.1]", "a..b@b.test, a..b@b.test"})
    void readsAddressesOfAllKinds(String written, String meant) {
        assertThat(AddressFile.address(written)).isEqualTo(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<>", "", "postmaster", "a@b.test>", "<a@b.test", "a b@b.test", "a@b.test\rRSET", "a@b.test ORCPT=x", "@b.test"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> AddressFile.address(text)).isInstanceOf(IllegalArgumentException.class).hasMessageNotContaining("\r");
    }
}
