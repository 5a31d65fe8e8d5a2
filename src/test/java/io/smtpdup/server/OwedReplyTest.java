package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** No client takes the reply to one command for that to another, whatever fails here. */
class OwedReplyTest {

    /** A next hop of ours that has a defect: it trips over some recipients, and over some senders. */
    private static final class FaultyHop implements NextHop {

        @Override
        public Optional<Extensions> extensions() {
            return Optional.of(new Extensions(Map.of()));
        }

        @Override
        public Conversation begin(Envelope mail, long size, ClientIdentity client) {
            return new Conversation() {

                private final Queue<String> asked = new ArrayDeque<>();

                @Override
                public Reply mailReply() {
                    return verdict(mail.reversePath());
                }

                @Override
                public void ask(Recipient recipient) {
                    asked.add(recipient.address());
                }

                @Override
                public Reply nextReply() {
                    return verdict(asked.remove());
                }

                @Override
                public void close() {
                    // nothing is open
                }
            };
        }

        private static Reply verdict(String address) {
            if (address.startsWith("trap")) {
                throw new IllegalStateException("thrown by a test");
            }
            return Reply.of(250, "2.1.0", "Ok");
        }
    }

    @Test
    void endsTheSessionWhereTheReplyToARecipientFails() {
        try (Listener listener = Listener.asking(new FaultyHop()); SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<trap@d.example>\r\nRCPT TO:<e@d.example>\r\n");

            client.expect("250");
            client.expect("250");
            client.expect("421 4.3.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void endsTheSessionWhereTheReplyToTheSenderFails() {
        try (Listener listener = Listener.asking(new FaultyHop()); SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw("MAIL FROM:<trap@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");

            client.expect("421 4.3.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }
}
