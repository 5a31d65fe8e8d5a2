package io.smtpdup.recipients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFileTest {

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void readsOneAddressALineWhateverEndsIt(String end) {
        AddressFile list = AddressFile.read(String.join(end, "# the sales team", "a@b.test", "", "  <c@b.test>  ", "\t", "#d@b.test"));

        assertThat(list.addresses()).containsExactly("a@b.test", "c@b.test");
        assertThat(list.wrong()).isZero();
    }

    @Test
    void skipsAByteOrderMark() {
        assertThat(AddressFile.read("\uFEFFa@b.test\n".getBytes(StandardCharsets.UTF_8)).addresses()).containsExactly("a@b.test");
        assertThat(AddressFile.read("\uFEFF# a comment\n").wrong()).isZero();
        assertThat(AddressFile.read("").addresses()).isEmpty();
    }

    @Test
    void namesAMailboxOnce() {
        AddressFile list = AddressFile.read("a@b.test\nA@b.test\na@B.TEST\n<a@b.test>\n");

        assertThat(list.addresses()).containsExactly("a@b.test", "A@b.test");
        assertThat(list.repeated()).isEqualTo(2);
    }

    @Test
    void namesTheLinesThatAreNoAddress() {
        AddressFile list = AddressFile.read("a@b.test\n\nBob\nc@b.test, d@b.test\nx@\n");

        assertThat(list.addresses()).containsExactly("a@b.test");
        assertThat(list.problems()).extracting(AddressFile.Problem::toString).containsExactly("line 3: no domain: Bob",
                "line 4: not an address: c@b.test, d@b.test", "line 5: not an address: x@");
    }

    @Test
    void namesTheFirstOfVeryMany() {
        AddressFile list = AddressFile.read("no\n".repeat(500));

        assertThat(list.wrong()).isEqualTo(500);
        assertThat(list.problems()).hasSize(AddressFile.TOLD);
    }

    @Test
    void saysThatALineIsNotUtf8() {
        AddressFile list = AddressFile.read("a@b.test\njörg@b.test\n".getBytes(StandardCharsets.ISO_8859_1));

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
