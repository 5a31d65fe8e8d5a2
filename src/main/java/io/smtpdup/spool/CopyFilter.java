package io.smtpdup.spool;

import java.util.List;

import org.apache.camel.Message;

/** Which part of the mails a queue gets, and for whom. */
@FunctionalInterface
public interface CopyFilter {

    /**
     * Asked for each new mail, by the thread that its client waits for.
     *
     * @param recipients those that the mail has, as it names them
     * @return whom the copy in the queue goes to; empty when the queue gets no copy
     */
    List<String> of(Message mail, List<String> recipients);
}
