package io.smtpdup.server;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.MailId;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Path.MalformedPathException;
import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;

/**
 * MAIL: begins a transaction, and keeps the parameters that were announced; anything else is refused, because dropping it
 * would change the envelope (RFC 5321 section 4.1.1.2, RFC 1870, RFC 3461, RFC 6152,
 * RFC 6531).
 */
final class MailCommand extends SmtpCommand {

    static final Reply TOO_LARGE = Reply.of(552, "5.3.4", "Message size exceeds fixed limit");

    static final Reply NEEDS_SMTPUTF8 = Reply.of(553, "5.6.7", "The address needs SMTPUTF8");

    static final Reply UNSUPPORTED_PARAMETER = Reply.of(555, "5.5.4", "Parameter not recognized or not implemented");

    private static final Reply HELLO_FIRST = Reply.of(503, "5.5.1", "Send EHLO or HELO first");

    private static final Reply LHLO_FIRST = Reply.of(503, "5.5.1", "Send LHLO first");

    private static final Reply NESTED = Reply.of(503, "5.5.1", "A transaction is already open, send RSET first");

    private static final Reply MALFORMED = Reply.of(501, "5.1.7", "Bad sender address syntax");

    private static final Reply OK = Reply.of(250, "2.1.0", "Ok");

    private static final Pattern DIGITS = Pattern.compile("\\d{1,20}");

    MailCommand(SmtpService service) {
        super("MAIL", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        session.mailRefused(); // unless it begins
        if (service().sessions().isDraining() || service().sessions().isDeserted()) {
            return Drain.SHUTTING_DOWN;
        }
        if (session.helo() == null) {
            return configuration().isLmtp() ? LHLO_FIRST : HELLO_FIRST;
        }
        if (session.transaction() != null) {
            return NESTED;
        }
        try {
            Optional<PathArgument> mail = PathArgument.parse(argument, "FROM:");
            return mail.isPresent() ? begin(session, mail.get()) : SYNTAX;
        } catch (MalformedPathException e) {
            return MALFORMED;
        }
    }

    @Override
    Reply refuse(ClientSession session, CommandLine.Flaw flaw) throws IOException {
        return flaw == CommandLine.Flaw.NOT_UTF8 ? flawed(501, "5.1.7", flaw) : super.refuse(session, flaw);
    }

    @Override
    String shown(CommandLine line) {
        return line.text();
    }

    private Reply begin(ClientSession session, PathArgument mail) throws IOException {
        BodyType body = null;
        boolean smtpUtf8 = false;
        String ret = null;
        String envid = null;
        long size = 0;
        boolean sizeDeclared = false;
        for (var parameter : mail.parameters().entrySet()) {
            String value = parameter.getValue();
            switch (session.offered().covers(parameter.getKey()) ? parameter.getKey() : "") {
                case "SIZE" -> {
                    if (!DIGITS.matcher(value).matches()) {
                        return SYNTAX;
                    }
                    if (new BigInteger(value).compareTo(BigInteger.valueOf(session.offered().maxSize())) > 0) {
                        return TOO_LARGE;
                    }
                    sizeDeclared = true;
                    size = Long.parseLong(value);
                }
                case "BODY" -> {
                    Optional<BodyType> declared = BodyType.of(value);
                    if (declared.isEmpty()) {
                        return SYNTAX;
                    }
                    body = declared.get();
                }
                case "SMTPUTF8" -> {
                    if (!value.isEmpty()) {
                        return SYNTAX;
                    }
                    smtpUtf8 = true;
                }
                case "RET" -> {
                    if (!DsnParameters.isRet(value)) {
                        return SYNTAX;
                    }
                    ret = value;
                }
                case "ENVID" -> {
                    if (!DsnParameters.isEnvid(value)) {
                        return SYNTAX;
                    }
                    envid = value;
                }
                default -> {
                    return UNSUPPORTED_PARAMETER;
                }
            }
        }
        if (mail.path().isInternational() && !smtpUtf8) {
            return NEEDS_SMTPUTF8;
        }
        Optional<Reply> refusal = refusal(size);
        if (refusal.isPresent()) {
            if (session.mayLog()) {
                MailLog.refused(session.identity().address().getAddress(), refusal.get().toString());
            }
            return refusal.get();
        }
        Envelope envelope = new Envelope(mail.path().address(), body, smtpUtf8, ret, envid, List.of());
        return begin(session, envelope, sizeDeclared ? size : -1);
    }

    private Reply begin(ClientSession session, Envelope mail, long size) throws IOException {
        String id = MailId.next(service().receiver().clock());
        NextHop nextHop = service().nextHop();
        if (nextHop == null) {
            session.begin(new MailTransaction(id, mail, null, service().room().share()));
            return OK;
        }
        MailTransaction transaction = new MailTransaction(
                id, mail, nextHop.begin(mail, size, session.identity()), service().room().share());
        session.begin(transaction);
        session.defer(() -> logged(session, transaction, mail.reversePath(), transaction.mailReply()));
        return null;
    }

    private Reply logged(ClientSession session, MailTransaction transaction, String from, Reply reply) {
        if (!reply.isPositive() && session.mayLog()) {
            MailLog.refused(transaction.id(), session.identity().address().getAddress(), transaction.answer(), from, reply);
        }
        return reply;
    }

    private Optional<Reply> refusal(long size) {
        Admission admission = configuration().getAdmission();
        return admission == null ? Optional.empty() : admission.refusal(size);
    }
}
