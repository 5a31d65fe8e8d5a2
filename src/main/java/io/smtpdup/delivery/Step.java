package io.smtpdup.delivery;

/** A step of the dialogue, as the log names it. */
public enum Step {

    XCLIENT("XCLIENT"),
    XFORWARD("XFORWARD"),
    EHLO("EHLO"),
    MAIL("MAIL"),
    RCPT("RCPT"),
    DATA("DATA"),
    CONTENT("the content"),
    FINAL_DOT("the final dot"),
    RSET("RSET");

    private final String title;

    Step(String title) {
        this.title = title;
    }

    @Override
    public String toString() {
        return title;
    }
}
