package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
            <SRS0=AbCd=XY=example.com=alice@fwd.example>: no     | <{address}>: no
            <SRS1=ab=c.example==AbCd=XY=d.example=al@fwd.example>, no | <{address}>, no
            <list-bounces+alice=example.org@lists.example> no    | <{address}> no
            <o'brien@b.example>: no, 'al@b.example'; to=al@b.example, no | <{address}>: no, '{address}'; {address}, no
            a=4ZbcdkLmnQz0,b='x7'                                | a={id},b='{id}'
            STOREDRV.Deliver; RESOLVER.ADR.RecipNotFound; not found | STOREDRV.Deliver; RESOLVER.ADR.RecipNotFound; not found
            host MAIL.EXAMPLE.COM, EXCH.b.example and AB.Example.Com  | host {host}, {host} and {host}
            """)
    void masksWhatIsOfOneMailOnly(String text, String masked) {
        assertThat(Masking.mask(text, "jack@b.example")).isEqualTo(masked);
    }

    @Test
    void masksALocalPartWithAMarkInItThatStandsAlone() {
        assertThat(Masking.mask("<o'brien@b.example> User doesn't exist: o'brien", "O'Brien@b.example"))
                .isEqualTo("<{address}> User doesn't exist: {address}");
    }

    @ParameterizedTest
    @EnumSource(names = {"UNCLEAR", "LOST", "DISCARDED", "LEFT_OUT", "UNRECORDED"})
    void saysWhyThereIsNothingToCompareAlsoWhenTheBackupHadAnswered(Fate fate) {
        Comparison comparison = Samples.of("id", "a@b.example", Samples.TOOK, fate, Samples.said(Stage.RCPT, "451 4.3.0 later"));

        Signature signature = Signature.of(comparison.compare(ReplyTable.shipped()), comparison);

        assertThat(signature).isEqualTo(new Signature(Relation.INCOMPARABLE, Category.SYSTEM, null, "250 2.0.0", fate.text()));
        assertThat(signature.beyond().backup()).isEqualTo(fate.text());
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
