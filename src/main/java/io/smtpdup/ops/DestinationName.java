package io.smtpdup.ops;

/** What log lines call an endpoint: a server by host and port, a queue by its name, another endpoint without its options. */
public final class DestinationName {

    private DestinationName() {
    }

    /** The name for an endpoint's URI; null for null. */
    public static String of(String endpoint) {
        if (endpoint == null) {
            return null;
        }
        return endpoint.replaceFirst("\\?.*", "").replaceFirst("^[a-z]+:(//)?", "").replaceFirst("^queue:", "");
    }
}
