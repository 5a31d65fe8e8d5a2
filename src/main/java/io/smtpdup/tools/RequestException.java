package io.smtpdup.tools;

/** What an operator asked for cannot be done as it was asked; the message says why, in one line. */
public final class RequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    private RequestException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** Asked in a way that can never succeed. */
    public static RequestException wrong(String message) {
        return new RequestException(400, message);
    }

    /** Of something that is not there. */
    public static RequestException notFound(String message) {
        return new RequestException(404, message);
    }

    /** Not as things are now. */
    public static RequestException conflict(String message) {
        return new RequestException(409, message);
    }

    /** More than we take. */
    public static RequestException tooLarge(String message) {
        return new RequestException(413, message);
    }

    /** It took too long to come. */
    public static RequestException tooSlow(String message) {
        return new RequestException(408, message);
    }

    /** There is no place to keep it. */
    static RequestException noRoom(String message) {
        return new RequestException(507, message);
    }

    /** Too much is asked at the same time. */
    public static RequestException busy(String message) {
        return new RequestException(503, message);
    }

    /** The HTTP status for it. */
    public int status() {
        return status;
    }
}
