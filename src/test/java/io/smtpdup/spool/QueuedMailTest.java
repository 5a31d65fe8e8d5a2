package io.smtpdup.spool;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.camel.Exchange;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A mail in a queue of a real broker and out of it again. */
class QueuedMailTest {

    private static final byte[] CONTENT = "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.UTF_8);

    private static final String QUEUE = "backup.mail-25";

    @TempDir
    private Path directory;

    private Spool spool;

    private BrokerSession session;

    @BeforeEach
    void open() throws Exception {
        spool = new Spool(directory);
        spool.start(List.of(QUEUE));
        session = spool.open(false);
    }

    @AfterEach
    void close() throws Exception {
        session.close();
        spool.stop();
    }

    @Test
    void keepsTheFirstFormForMailsWithoutDsnParameters() throws Exception {
        Envelope envelope = new Envelope("a@b.example", null, false, List.of("c@d.example", "\"e f\"@dé.example"));

        ClientMessage message = throughTheQueue(envelope);

        assertThat(message.getPropertyNames()).extracting(SimpleString::toString).filteredOn(name -> name.startsWith("smtpdup_"))
                .containsExactlyInAnyOrder("smtpdup_form", "smtpdup_reverse_path", "smtpdup_smtputf8", "smtpdup_accepted_at",
                        "smtpdup_attempts", "smtpdup_recipients", "smtpdup_recipient_count", "smtpdup_recipients_size",
                        "smtpdup_size", "smtpdup_checksum", "smtpdup_envelope_checksum");
        assertThat(message.getIntProperty("smtpdup_form")).isEqualTo(1);
        byte[] body = new byte[message.getReadOnlyBodyBuffer().readableBytes()];
        message.getReadOnlyBodyBuffer().readBytes(body);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(expected);
        for (String address : envelope.recipients()) {
            out.writeInt(address.getBytes(StandardCharsets.UTF_8).length);
            out.write(address.getBytes(StandardCharsets.UTF_8));
        }
        out.write(CONTENT);
        assertThat(body).isEqualTo(expected.toByteArray());
        assertThat(read(message)).isEqualTo(envelope);
    }

    @Test
    void keepsEveryDsnParameterInTheSecondForm() throws Exception {
        for (Envelope envelope : List.of(
                new Envelope("", null, true, "hdrs", "a+20b", List.of(
                        new Recipient("\"quoted; \\\"local\\\" part\"@d.example", "SUCCESS,delay", "rfc822;a+2Bb@d.example"),
                        new Recipient("c@d.example"), new Recipient("c@d.example", "NEVER", null),
                        new Recipient("é@d.example", null, "utf-8;é@d.example"))),
                new Envelope("a@b.example", null, false, "FULL", null, List.of(new Recipient("c@d.example"))),
                new Envelope("a@b.example", null, false, null, "x", List.of(new Recipient("c@d.example"))))) {

            ClientMessage message = throughTheQueue(envelope);

            assertThat(message.getIntProperty("smtpdup_form")).isEqualTo(2);
            assertThat(read(message)).isEqualTo(envelope);
        }
    }

    @Test
    void keepsTheParametersOfTenThousandRecipients() throws Exception {
        Envelope envelope = new Envelope("a@b.example", null, false, null, null, IntStream.range(0, 10_000)
                .mapToObj(i -> new Recipient("\"m " + i + "\"@d.example", "FAILURE", "rfc822;" + "x".repeat(480) + i)).toList());

        assertThat(read(throughTheQueue(envelope))).isEqualTo(envelope);
    }

    @Test
    void carriesWhatThePrimarySaidAboutTheseRecipientsAndNoOthers() throws Exception {
        Envelope envelope = new Envelope("a@b.example", null, false, List.of("c@d.example"));
        Reply reply = new Reply(250, List.of("2.0.0 Ok:", "", "queued as 4F2A"));
        Verdict verdict = new Verdict(reply, "mx.example ESMTP Postfix", Duration.ofMillis(1234), List.of("c@d.example", "e@d.example"));

        assertThat(verdict(throughTheQueue(envelope, verdict)))
                .isEqualTo(new Verdict(reply, "mx.example ESMTP Postfix", Duration.ofMillis(1234), List.of("c@d.example")));
        assertThat(verdict(throughTheQueue(envelope, verdict.withoutTime())))
                .isEqualTo(new Verdict(reply, "mx.example ESMTP Postfix", null, List.of("c@d.example")));
        assertThat(verdict(throughTheQueue(new Envelope("a@b.example", null, false, List.of("c@d.example", "new@d.example")), verdict)))
                .isNull();
        Reply endless = new Reply(250, IntStream.range(0, 99).mapToObj(i -> "2.0.0 " + "x".repeat(490)).toList());
        assertThat(verdict(throughTheQueue(envelope, new Verdict(endless, "", null, List.of("c@d.example")))).reply().lines())
                .hasSizeLessThan(5).startsWith(endless.lines().get(0));
    }

    @Test
    void isWholeWithAVerdictThatCannotBeRead() throws Exception {
        for (String reply : List.of("", "no reply", "999 x")) {
            ClientMessage message = written();
            message.putStringProperty("smtpdup_primary_reply", reply);
            session.send(QUEUE, message);

            assertThat(verdict(receive())).as(reply).isNull();
        }
    }

    @Test
    void keepsALaterFormAsItIs() throws Exception {
        assertThat(damageAfter(message -> message.putIntProperty("smtpdup_form", 3))).contains("a later version");
    }

    @Test
    void noticesWhatIsNotAsItWasWritten() throws Exception {
        assertThat(damageAfter(message -> message.putLongProperty("smtpdup_checksum", 1))).contains("not those that were queued");
        assertThat(damageAfter(message -> message.putLongProperty("smtpdup_size", 3))).contains("has 17 octets and should have 3");
        assertThat(damageAfter(message -> message.putStringProperty("smtpdup_reverse_path", "x@b.example"))).contains("envelope");
        assertThat(damageAfter(message -> message.putStringProperty("smtpdup_form", "x"))).contains("no number");
        assertThat(damageAfter(message -> message.putIntProperty("smtpdup_recipients_size", 14))).contains("octets");
        assertThat(damageAfter(message -> message.putIntProperty("smtpdup_recipients_size", Integer.MAX_VALUE))).contains("octets");
        assertThat(damageAfter(message -> message.putIntProperty("smtpdup_recipients_size", -1))).contains("octets");
    }

    @Test
    void takesACopyThatWasWrittenBeforeThereWereChecksums() throws Exception {
        Envelope envelope = new Envelope("a@b.example", null, false, List.of("c@d.example"));
        ClientMessage old = session.session().createMessage(Message.BYTES_TYPE, true);
        old.putIntProperty("smtpdup_form", 1);
        old.putStringProperty("smtpdup_reverse_path", "a@b.example");
        byte[] recipients = RecipientList.write(envelope.forwardPaths(), false);
        old.putIntProperty("smtpdup_recipients_size", recipients.length);
        old.getBodyBuffer().writeBytes(recipients);
        old.getBodyBuffer().writeBytes(CONTENT);
        session.send(QUEUE, old);

        assertThat(read(receive())).isEqualTo(envelope);
    }

    @Test
    void setsADamagedCopyAsideAsItWasFound() throws Exception {
        ClientMessage message = written();
        message.putLongProperty("smtpdup_checksum", 1);
        session.send(QUEUE, message);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        QueuedMail damaged = QueuedMail.read(receive(), exchange);
        exchange.getMessage().setHeaders(damaged.headers());

        session.send(QUEUE, StoredMail.of(exchange.getMessage()).message(session.session()));

        QueuedMail again = QueuedMail.read(receive(), new DefaultExchange(new DefaultCamelContext()));
        assertThat(again.headers()).isEqualTo(damaged.headers())
                .containsEntry("CamelSmtpServerReversePath", "a@b.example")
                .containsEntry("CamelSmtpServerRecipients", List.of("c@d.example"));
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        again.content().writeTo(content);
        assertThat(content.toByteArray()).isEqualTo(CONTENT);
    }

    private interface Harm {

        void to(ClientMessage message) throws Exception;
    }

    private String damageAfter(Harm harm) throws Exception {
        ClientMessage message = written();
        harm.to(message);
        session.send(QUEUE, message);
        return String.valueOf(QueuedMail.read(receive(), new DefaultExchange(new DefaultCamelContext()))
                .headers().get(CopyConstants.DAMAGE));
    }

    private ClientMessage written() throws Exception {
        return StoredMail.of(mail(new Envelope("a@b.example", null, false, List.of("c@d.example"))).getMessage()).message(session.session());
    }

    @Test
    void refusesADamagedListOfRecipients() {
        for (byte[] damaged : List.of(new byte[] {0, 0, 0, 9, 'x'}, new byte[] {-1, -1, -1, -2}, new byte[] {0, 0},
                new byte[] {-1, -1, -1, -1}, new byte[] {0, 0, 0, 1, 'x', 127, -1, -1, -1})) {
            assertThatThrownBy(() -> RecipientList.read(damaged, true)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> RecipientList.read(damaged, false)).isInstanceOf(IOException.class);
        }
    }

    private ClientMessage throughTheQueue(Envelope envelope) throws Exception {
        Exchange exchange = mail(envelope);
        session.send(QUEUE, StoredMail.of(exchange.getMessage()).message(session.session()));
        return receive();
    }

    private ClientMessage throughTheQueue(Envelope envelope, Verdict verdict) throws Exception {
        Exchange exchange = mail(envelope);
        exchange.getMessage().setHeader(SmtpServerConstants.VERDICT, verdict);
        session.send(QUEUE, StoredMail.of(exchange.getMessage()).message(session.session()));
        return receive();
    }

    private static Verdict verdict(ClientMessage message) throws Exception {
        QueuedMail mail = QueuedMail.read(message, new DefaultExchange(new DefaultCamelContext()));
        assertThat(mail.headers()).doesNotContainKey(CopyConstants.DAMAGE);
        return (Verdict) mail.headers().get(SmtpServerConstants.VERDICT);
    }

    private ClientMessage receive() throws Exception {
        return session.consumer(QUEUE, null).receive(10_000); // which stays: a large body is read through it
    }

    private static Envelope read(ClientMessage message) throws Exception {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        QueuedMail mail = QueuedMail.read(message, exchange);
        exchange.getMessage().setHeaders(mail.headers());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        mail.content().writeTo(content);
        assertThat(content.toByteArray()).isEqualTo(CONTENT);
        return EnvelopeHeaders.read(exchange.getMessage()).orElseThrow();
    }

    private static Exchange mail(Envelope envelope) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        EnvelopeHeaders.write(envelope, exchange.getMessage());
        exchange.getMessage().setBody(new InputStreamCache(CONTENT));
        return exchange;
    }
}
