package io.smtpdup.message;

import java.util.Locale;
import java.util.Optional;

/** What a client declared its message content to be, the BODY parameter of MAIL (RFC 6152). */
public enum BodyType {

    SEVEN_BIT("7BIT"),
    EIGHT_BIT_MIME("8BITMIME");

    private final String keyword;

    BodyType(String keyword) {
        this.keyword = keyword;
    }

    /** The value as it stands in the MAIL command. */
    public String keyword() {
        return keyword;
    }

    /** The type of that keyword, in any case of letters; empty when there is no such type. */
    public static Optional<BodyType> of(String keyword) {
        for (BodyType type : values()) {
            if (type.keyword.equals(keyword.toUpperCase(Locale.ROOT))) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
