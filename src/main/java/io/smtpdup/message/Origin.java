package io.smtpdup.message;

import org.jspecify.annotations.Nullable;

/**
 * How a mail came to us, and what was seen of its content on the way in.
 *
 * @param client whom it comes from; null when it came from no client, or a route has taken that away
 * @param protocol the word behind {@code with} in our Received field, for example ESMTPS; null when that is not known
 * @param eightBit whether the content has octets above 127; null when nobody has looked
 * @param eightBitHeader whether the header section has octets above 127, so that it needs SMTPUTF8 to travel; null when nobody
 *     has looked
 */
public record Origin(
        @Nullable ClientIdentity client, @Nullable String protocol, @Nullable Boolean eightBit, @Nullable Boolean eightBitHeader) {

    /** Of a mail that nobody has received. */
    public static final Origin UNKNOWN = new Origin(null, null, null, null);
}
