package io.smtpdup.agreement;

import org.slf4j.LoggerFactory;

/** Hears what an operator should know at once. It is called by the thread that writes, and must not take long. */
public interface AgreementWatcher {

    /** Writes all of it to the log. */
    AgreementWatcher LOG = new AgreementWatcher() {

        @Override
        public void newKind(String backup, Report.Difference difference) {
            LoggerFactory.getLogger(Agreement.class).warn(
                    "agreement: a new kind of difference at {}: {}, {}; primary: {}; backup: {}; mail {}",
                    backup, difference.relation(), difference.category(), difference.primary(), difference.backup(),
                    difference.examples().isEmpty() ? "unknown" : difference.examples().get(0).id());
        }

        @Override
        public void trouble(String line) {
            LoggerFactory.getLogger(Agreement.class).warn("{}", line);
        }
    };

    /** A kind of difference that this backup has not shown since the last mark, with its first example. */
    void newKind(String backup, Report.Difference difference);

    /** One comparison was made and counted; one that takes the place of an earlier one is told as well. */
    default void compared(String backup, Relation relation, Category category) {
    }

    /** One line about the store or a file of the operator. */
    void trouble(String line);
}
