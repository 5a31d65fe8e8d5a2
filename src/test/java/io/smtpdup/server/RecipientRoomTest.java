package io.smtpdup.server;

import java.util.List;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What recipients of mails in work take of the heap. */
class RecipientRoomTest {

    private final RecipientRoom room = new RecipientRoom(100_000);

    @Test
    void isBoundedForAllMailsTogetherAndFreeAgainWhenTheyEnd() {
        MailTransaction first = mail();
        int some = fill(first);
        MailTransaction second = mail();

        assertThat(some).isBetween(10, 200);
        assertThat(fill(second)).as("the first recipient of a mail always has room").isEqualTo(1);

        first.end();

        assertThat(fill(second)).isEqualTo(some - 1);
    }

    @Test
    void countsLongAddressesForMore() {
        MailTransaction mail = mail();
        mail.accept(new Recipient("c@d.example", null, null));

        int small = 0;
        while (mail.hasRoomFor(new Recipient("c@d.example", null, null))) {
            small++;
        }
        mail.end();
        int large = 0;
        while (mail.hasRoomFor(new Recipient("c@d.example", null, "rfc822;" + "x".repeat(400)))) {
            large++;
        }

        assertThat(large).isLessThan(small / 3);
    }

    private static int fill(MailTransaction mail) {
        int taken = 0;
        Recipient recipient = new Recipient("somebody@d.example", null, null);
        while (mail.hasRoomFor(recipient)) {
            mail.accept(recipient);
            taken++;
        }
        return taken;
    }

    private MailTransaction mail() {
        return new MailTransaction("id", new Envelope("a@b.example", null, false, null, null, List.of()), null, room.share());
    }
}
