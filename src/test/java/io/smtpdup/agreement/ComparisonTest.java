package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

    @ParameterizedTest(name = "{0} / {1} {2} after {3}: {4}, {5}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            250 2.0.0 Ok           | TAKEN     | 250 2.6.0 queued           | -                          | agreed       | none
            250                    | TAKEN     | 250 other words            | -                          | agreed       | none
            250 2.0.0 Ok           | TAKEN     | 250 Ok                     | 451 4.7.1 Greylisted       | healed       | greylist
            250 2.0.0 Ok           | TAKEN     | 250 Ok                     | 452 4.5.3 too many recipients | healed    | protocol
            250 2.0.0 Ok           | REFUSED   | 550 5.1.1 no such user     | -                          | refused      | address
            250 2.0.0 Ok           | REFUSED   | 552 5.2.2 over quota       | 452 4.2.2 over quota       | refused      | mailbox
            250 2.0.0 Ok           | EXPIRED   | 450 4.2.0 Greylisted       | 450 4.2.0 Greylisted       | expired      | greylist
            250 2.0.0 Ok           | EXPIRED   | -                          | -                          | expired      | system
            250 2.0.0 Ok           | UNCLEAR   | -                          | -                          | incomparable | system
            250 2.0.0 Ok           | LOST      | -                          | -                          | incomparable | system
            250 2.0.0 Ok           | DISCARDED | 451 4.3.0 later            | -                          | incomparable | system
            250 2.0.0 Ok           | LEFT_OUT  | -                          | -                          | incomparable | system
            250 2.0.0 Ok           | PUT_OFF   | 451 4.3.0 later            | -                          | incomparable | system
            -                      | TAKEN     | 250 Ok                     | -                          | incomparable | none
            -                      | REFUSED   | 550 5.1.1 no such user     | -                          | incomparable | address
            451 4.3.0 later        | TAKEN     | 250 Ok                     | -                          | incomparable | system
            451 4.7.1 Greylisted   | REFUSED   | 550 5.1.1 no such user     | -                          | incomparable | greylist
            550 5.1.1 unknown      | TAKEN     | 250 2.1.5 Ok               | -                          | leaked       | address
            550 5.1.1 unknown      | REFUSED   | 550 User unknown           | -                          | agreed       | address
            550 5.1.1 unknown      | REFUSED   | 554 5.7.1 Relay access denied | -                       | different    | relay-trust
            550 5.1.1 unknown      | PUT_OFF   | 450 4.2.0 Greylisted       | -                          | incomparable | greylist
            550 5.1.1 unknown      | PUT_OFF   | 450 4.1.1 unverified address | -                        | incomparable | address
            550 5.1.1 unknown      | PUT_OFF   | 450 4.7.1 Client host rejected: cannot find your hostname | - | different | relay-trust
            550 5.1.1 unknown      | EXPIRED   | -                          | -                          | incomparable | system
            """)
    void comparesClassAndCategory(String primary, Fate fate, String answer, String setback, String relation, String category) {
        Comparison comparison = Samples.at(Samples.NOON, "id", "a@b.example",
                primary == null ? null : Samples.said(primary.startsWith("2") ? Stage.DOT : Stage.RCPT, primary), fate,
                answer == null ? null : Samples.said(Stage.RCPT, answer),
                setback == null ? null : Samples.said(Stage.RCPT, setback));

        Comparison.Result result = comparison.compare(ReplyTable.shipped());

        assertThat(result.relation().text()).isEqualTo(relation);
        assertThat(result.category().text()).isEqualTo(category);
    }
}
