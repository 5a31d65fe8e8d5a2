package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.smtpdup.testkit.NastyMessage;
import io.smtpdup.testkit.NastyMessages;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** Hundreds of messages that trouble mail software go through the whole relay, several on one connection. */
class NastyMailTest {

    private static final int MAILS_PER_CONNECTION = 25;

    private static final Pattern OUR_FIELD = Pattern.compile("""
            Received: from client.example \\(\\[127.0.0.1]\\)\r
            \tby localhost with ESMTP id [0-9A-Z]{16}\r
            \tfor <mail\\d+@d.example>;\r
            \t\\w{3}, \\d{1,2} \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000\r
            """);

    @Test
    void arrivesOctetForOctetAtThePrimaryAndEveryBackup() {
        List<NastyMessage> corpus = NastyMessages.all();
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            List<String> sent = send(corpus, relay);

            for (ScriptedSmtpServer server : servers(relay)) {
                Map<String, ReceivedMessage> arrived = server.awaitMessages(corpus.size()).stream()
                        .collect(Collectors.toMap(mail -> mail.recipients().get(0), Function.identity()));
                assertThat(arrived).hasSize(corpus.size());
                for (int i = 0; i < corpus.size(); i++) {
                    ReceivedMessage mail = arrived.get(sent.get(i));
                    int ours = mail.octets().length - corpus.get(i).octets().length;
                    byte[] below = Arrays.copyOfRange(mail.octets(), ours, mail.octets().length);
                    assertThat(new String(mail.octets(), 0, ours, StandardCharsets.UTF_8)).as(corpus.get(i).name())
                            .matches(beginsWithABlank(corpus.get(i).octets()) ? Pattern.compile(OUR_FIELD + "\r\n") : OUR_FIELD);
                    assertThat(ReceivedMessage.sha256(below)).as(corpus.get(i).name())
                            .isEqualTo(ReceivedMessage.sha256(corpus.get(i).octets()));
                }
            }
        }
    }

    /** What would go on with our field, were there no empty line between. */
    private static boolean beginsWithABlank(byte[] octets) {
        return octets.length > 0 && (octets[0] == ' ' || octets[0] == '\t');
    }

    /** Sends each message to a recipient of its own. Returns the recipients, in the corpus's order. */
    private static List<String> send(List<NastyMessage> corpus, RelayUnderTest relay) {
        List<String> recipients = new ArrayList<>();
        SmtpDialogue client = relay.client();
        for (int i = 0; i < corpus.size(); i++) {
            if (i % MAILS_PER_CONNECTION == MAILS_PER_CONNECTION - 1) {
                client.close();
                client = relay.client();
            }
            recipients.add("mail" + i + "@d.example");
            RelayUnderTest.send(client, "<a@b.example> BODY=8BITMIME", List.of(recipients.get(i)),
                    corpus.get(i).octets(), "250");
        }
        client.close();
        return recipients;
    }

    private static List<ScriptedSmtpServer> servers(RelayUnderTest relay) {
        List<ScriptedSmtpServer> servers = new ArrayList<>(relay.backups());
        servers.add(0, relay.primary());
        return servers;
    }
}
