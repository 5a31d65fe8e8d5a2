package io.smtpdup.delivery;

/** What became of one attempt to deliver a mail: the only thing the rest of the program decides by. */
public enum Outcome {

    /** The server answered the final dot with 2xx: the mail is its responsibility now. */
    DELIVERED,

    /** The server said 4xx, or could not be reached, or broke off before the final dot: it does not have the mail. */
    DEFERRED,

    /** The server said 5xx, or can never take this mail as it is. */
    FAILED,

    /** The final dot was sent and no clear reply came: the server may or may not have the mail. */
    UNKNOWN
}
