package io.smtpdup.backup;

/** What becomes of copies that were taken out of a queue and wait for their turn; it changes over a reload and when the relay stops. */
enum Taking {

    /** They wait: others, whose place is about to be taken, still send copies. */
    NOT_YET,

    /** Each gets its turn. */
    ON,

    /** They go back into their queue. */
    ENDED
}
