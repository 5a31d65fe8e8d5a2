package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an address, and what could be something else to the next server. */
class PathTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "a@b.example", "postmaster", "A.B+tag@B.EXAMPLE", "!#$%&'*+-/=?^_`{|}~@b.example", "a@b", "a@1.example",
        "a@b-c.example", "a_b@c_d.example", "a..b@c.example", ".a@b.example", "a.@b.example", "a@-b.example",
        "\"a b\"@c.example", "\"a@b\"@c.example", "\"a>b<c\"@d.example", "\"a\\\"b\"@c.example", "\"a\\\\b\"@c.example",
        "\"\"@b.example", "\"a,b;c:d\"@e.example", "a@[127.0.0.1]", "a@[IPv6:2001:db8::1]", "a@[x-tag:content]",
        "jürgen@bücher.example", "用户@例子.example", "\"jür gen\"@b.example", "😀@b.example",
        "bounce+0123456789abcdef-joe=example.org@b.example"})
    void takesAnAddress(String address) throws Exception {
        Path path = Path.parse("<" + address + ">");

        assertThat(path.address()).isEqualTo(address);
        assertThat(path.end()).isEqualTo(address.length() + 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "<", "<a@b.example", "<a@>", "<@b.example>", "<a@b@c.example>", "<a b@c.example>", "<a@b c.example>", "< a@b.example>",
        "<a@b.example >", "<a@b.example,c@d.example>", "<a@b.example;c@d.example>", "<<a@b.example>>", "<Joe <a@b.example>>",
        "<a<b@c.example>", "<a(comment)@b.example>", "<a@b..example>", "<a@.b.example>", "<a@b.example.>", "<a:b@c.example>",
        "<a\\b@c.example>", "<a[b@c.example>", "<\"a@b.example>", "<\"a\"b@c.example>", "<a\"b\"@c.example>", "<\"a\\\">",
        "<a@[127.0.0.1>", "<a@[]>", "<a@[a b]>", "<a@[a]b>", "<a@[[a]]>", "<a@b!c.example>",
        "<a\0@b.example>", "<\"a\0\"@b.example>", "<\"a\rb\"@c.example>", "<\"a\nb\"@c.example>", "<a@b.example\r\n>",
        "<\"a\\\nb\"@c.example>", "<a@b\n.example>", "<a\t@b.example>", "<\"a\u0085\"@b.example>", "<a\u0085@b.example>",
        "<\"a\u007f\"@b.example>", "<a\ufffe@b.example>"})
    void refusesWhatIsNoPath(String text) {
        assertThatThrownBy(() -> Path.parse(text)).isInstanceOf(Path.MalformedPathException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "<@a.example:b@c.example> | b@c.example",
        "<@a.example,@b.example:c@d.example> | c@d.example",
        "<@bücher.example:b@c.example> | b@c.example"})
    void leavesASourceRouteOut(String text, String address) throws Exception {
        assertThat(Path.parse(text).address()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "<@a.example>", "<@a.example:>", "<@:b@c.example>", "<@a.example,:b@c.example>", "<@a.example,b@c.example>",
        "<@a.example @b.example:c@d.example>", "<a@b.example:c@d.example>", "<@a.example:@b.example:c@d.example>"})
    void refusesABrokenSourceRoute(String text) {
        assertThatThrownBy(() -> Path.parse(text)).isInstanceOf(Path.MalformedPathException.class);
    }

    @Test
    void knowsTheNullPath() throws Exception {
        assertThat(Path.parse("<>")).isEqualTo(new Path("", 2));
    }

    @Test
    void forgivesMissingBrackets() throws Exception {
        assertThat(Path.parse("a@b.example")).isEqualTo(new Path("a@b.example", 11));
        assertThat(Path.parse("a@b.example SIZE=1")).isEqualTo(new Path("a@b.example", 11));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a@b.example>", "a@b.example,c@d.example", "a@b.example\tX", "@a.example:b@c.example"})
    void doesNotForgiveMoreThanMissingBrackets(String text) {
        assertThatThrownBy(() -> Path.parse(text)).isInstanceOf(Path.MalformedPathException.class);
    }

    @Test
    void tellsWhereThePathEnds() throws Exception {
        assertThat(Path.parse("<a@b.example> SIZE=1").end()).isEqualTo(13);
        assertThat(Path.parse("<a@b.example>junk").end()).isEqualTo(13);
        assertThat(Path.parse("<@r.example:a@b.example>junk").end()).isEqualTo(24);
    }

    @Test
    void tellsAnInternationalAddress() throws Exception {
        assertThat(Path.parse("<a@b.example>").isInternational()).isFalse();
        assertThat(Path.parse("<ä@b.example>").isInternational()).isTrue();
    }

    @Test
    void limitsTheOctetsOfAnAddress() throws Exception {
        assertThat(Path.parse("<" + "a".repeat(890) + "@b.example>").address()).hasSize(900);
        assertThatThrownBy(() -> Path.parse("<" + "a".repeat(891) + "@b.example>"))
                .isInstanceOf(Path.MalformedPathException.class);
        assertThatThrownBy(() -> Path.parse("<" + "ä".repeat(446) + "@b.example>"))
                .isInstanceOf(Path.MalformedPathException.class);
    }
}
