package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignatureTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            <jack@b.example>: User unknown in table              | <{address}>: User unknown in table
            <jack@b.example> User doesn't exist: jack            | <{address}> User doesn't exist: {address}
            Client host [192.0.2.17] blocked                     | Client host [{ip}] blocked
            Client [IPv6:2001:db8::17] blocked                   | Client [{ip}] blocked
            host mx17.example.com said no                        | host {host} said no
            queue id 4ZbcdkLmnQz0 rejected. d9443c01a7336-1fsi   | queue id {id} rejected. {id}
            see https://support.example.com/a/12?p=x             | see {url}=x
            try again in 299 seconds                             | try again in {n} seconds
            Requires SMTPUTF8 and 8BITMIME (#5.6.7)              | Requires SMTPUTF8 and 8BITMIME (#5.6.7)
            limit: 10240000                                      | limit: {n}
            User unknown                                         | User unknown
            """)
    void masksWhatIsOfOneMailOnly(String text, String masked) {
        assertThat(Masking.mask(text, "jack@b.example")).isEqualTo(masked);
    }

    @Test
    void leavesAWordOfTheReplyThatIsALocalPartAsWell() {
        assertThat(Masking.mask("User unknown", "user@b.example")).isEqualTo("User unknown");
    }

    @Test
    void makesOneKindOfAThousandRefusals() {
        Set<Signature> kinds = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            Comparison comparison = Samples.of("mail" + i, "user" + i + "@b.example",
                    Samples.said(Stage.DOT, "250 2.0.0 Ok: queued as 4Zbcd" + i), Fate.REFUSED,
                    Samples.said(Stage.RCPT, "550 5.1.1 <user" + i + "@b.example>: unknown, session " + i + "x, from 192.0.2." + i % 250));
            kinds.add(Signature.of(comparison.compare(ReplyTable.shipped()), comparison));
        }

        assertThat(kinds).containsExactly(new Signature(Relation.REFUSED, Category.ADDRESS, Stage.RCPT, "250 2.0.0",
                "550 5.1.1 <{address}>: unknown, session {id}, from {ip}"));
    }

    @Test
    void takesNoLongerForWordsThatAreMadeToTakeLong() {
        assertThat(Masking.mask(":".repeat(50_000) + "a".repeat(50_000))).hasSizeLessThanOrEqualTo(200);
    }
}
