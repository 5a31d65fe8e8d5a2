package io.smtpdup.app;

import java.util.Optional;

import io.smtpdup.message.Reply;
import io.smtpdup.server.Admission;
import io.smtpdup.spool.Spool;

/**
 * The bean {@code spoolAdmission}: with {@code spool.required=true} a mail whose copies could not be kept does not begin.
 * Later would be too late: the primary would have it, and the client's next try would make it two.
 */
final class SpoolAdmission implements Admission {

    private static final Reply NO_ROOM = Reply.of(452, "4.3.1", "Insufficient system storage, try again later");

    private final Spool spool;

    private final boolean required;

    /** @param required false to let every mail begin */
    SpoolAdmission(Spool spool, boolean required) {
        this.spool = spool;
        this.required = required;
    }

    @Override
    public Optional<Reply> refusal(long size) {
        return required && !spool.admits(size) ? Optional.of(NO_ROOM) : Optional.empty();
    }
}
