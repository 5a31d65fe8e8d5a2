package io.smtpdup.tools;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.MailId;
import io.smtpdup.message.Origin;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.CopyQueue;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.converter.stream.FileInputStreamCache;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;

/** Makes a copy of a mail in a file, with the file's envelope or the operator's, and queues it. */
final class Replay {

    private final CamelContext context;

    private final Clock clock;

    Replay(CamelContext context, Clock clock) {
        this.context = context;
        this.clock = clock;
    }

    /**
     * Does it.
     *
     * @param from the reverse-path; null for the file's own
     * @param to the recipients; none for the file's own
     * @param destination what the log calls the backup
     * @return the mail's id
     */
    String replay(Path file, String from, List<String> to, String destination, CopyQueue queue) throws IOException {
        check(from, to);
        MailFile mail = MailFile.read(file);
        Envelope envelope = envelope(mail.envelope(), from, to);
        MailFile.Content content = mail.check(file);
        String id = Objects.requireNonNullElseGet(mail.id(), () -> MailId.next(clock));
        Path octets = mail.offset() == 0 ? file : MailFile.withoutEnvelope(file, mail.offset());
        Exchange exchange = new DefaultExchange(context);
        try {
            Message copy = exchange.getMessage();
            boolean utf8 = envelope.smtpUtf8() || content.eightBitHeader() && mail.envelope() == null;
            EnvelopeHeaders.write(new Envelope(envelope.reversePath(), envelope.body(), utf8, envelope.ret(), envelope.envid(),
                    envelope.forwardPaths(), new Origin(null, null, content.eightBit(), content.eightBitHeader())), copy);
            copy.setHeader(SmtpServerConstants.ID, id);
            copy.setHeader(SmtpServerConstants.SIZE, content.size());
            copy.setHeader(CopyConstants.ACCEPTED_AT, clock.millis());
            if (mail.id() != null && mail.primary() != null) {
                // About those in the file: about others the primary was not asked.
                copy.setHeader(SmtpServerConstants.VERDICT, new Verdict(mail.primary(), "", null, mail.envelope().recipients()));
            }
            copy.setBody(new FileInputStreamCache(octets.toFile()));
            queue.put(copy);
        } finally {
            UnitOfWorkHelper.doneSynchronizations(exchange, exchange.getExchangeExtension().handoverCompletions());
        }
        MailLog.steered(MailEvent.REPLAYED, id, destination, envelope.reversePath(), envelope.recipients().size(), content.size());
        return id;
    }

    /**
     * Looks at what an operator says, before there is a file.
     *
     * @throws RequestException when it names nobody
     */
    static void check(String from, List<String> to) {
        if (from != null) {
            address(from);
        }
        if (to.stream().map(Replay::address).anyMatch(String::isEmpty)) {
            throw RequestException.wrong("a recipient cannot be empty");
        }
    }

    private static Envelope envelope(Envelope own, String from, List<String> to) {
        if (own == null && (from == null || to.isEmpty())) {
            throw RequestException.wrong("the file has no envelope in front of the mail; say from and to");
        }
        String reversePath = from == null ? own.reversePath() : address(from);
        List<Recipient> recipients = to.isEmpty() ? own.forwardPaths() : to.stream()
                .map(Replay::address).map(address -> recipient(address, own)).toList();
        Envelope plain = new Envelope(reversePath, null, false, null, null, recipients);
        return own == null
                ? new Envelope(reversePath, null, plain.isInternational(), null, null, recipients)
                : new Envelope(reversePath, own.body(), own.smtpUtf8() || plain.isInternational(), own.ret(), own.envid(),
                        recipients);
    }

    /** With what the file says of the same address, if it names it. */
    private static Recipient recipient(String address, Envelope own) {
        return own == null ? new Recipient(address) : own.forwardPaths().stream()
                .filter(one -> one.address().equals(address)).findFirst().orElseGet(() -> new Recipient(address));
    }

    private static String address(String text) {
        return MailFile.path(text.startsWith("<") ? text : "<" + text + ">")
                .orElseThrow(() -> RequestException.wrong("malformed address " + text));
    }
}
