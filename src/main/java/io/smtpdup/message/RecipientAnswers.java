package io.smtpdup.message;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a server said about recipients when it was asked about them and got no mail: MAIL, RCPT for each, RSET. The step
 * {@code smtp:host:port?callout=true} leaves it on the exchange, as the property {@value #LATEST}.
 *
 * @param server how it calls itself in its greeting and to EHLO; empty when that is not known
 * @param answers one for each recipient, in their order
 * @param cutShort why it was not asked about all of them, or gave no clear answer, one line for the log; null when it answered all
 */
public record RecipientAnswers(String server, List<Answer> answers, @Nullable String cutShort) {

    /** The property of an exchange that has what was said to its latest callout. */
    public static final String LATEST = "CamelSmtpRecipientAnswers";

    public RecipientAnswers {
        answers = List.copyOf(answers);
    }

    /** What a reply was said to. */
    public enum SaidTo {

        /** MAIL, or what comes before it: the server will have nothing from this sender, or from us, whoever the recipient is. */
        MAIL,

        /** The recipient's own RCPT. */
        RCPT,

        /** It was asked, and there was no clear answer: silence, the end of the connection, words that are no reply. */
        NOTHING,

        /** It was not asked, because the server had been away or had enough before. */
        NOT_ASKED
    }

    /**
     * About one recipient.
     *
     * @param reply the server's, or ours when the recipient needs what the server does not offer; null when there was none
     */
    public record Answer(String recipient, SaidTo saidTo, @Nullable Reply reply) {

        /** The server would take a mail for it. */
        public boolean isTaken() {
            return saidTo == SaidTo.RCPT && reply != null && reply.isPositive();
        }

        /** The server refuses this recipient for good. A refusal at MAIL says nothing about it. */
        public boolean isRefused() {
            return saidTo == SaidTo.RCPT && reply != null && reply.isPermanentNegative();
        }
    }

    /** Whether a reply says that more questions are not welcome now: 421, or 4.7.x. */
    public static boolean isEnough(Reply reply) {
        return reply.code() == 421
                || reply.isTransientNegative() && reply.enhancedCode().filter(code -> code.startsWith("4.7.")).isPresent();
    }
}
