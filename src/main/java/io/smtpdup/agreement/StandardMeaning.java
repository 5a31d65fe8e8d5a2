package io.smtpdup.agreement;

/**
 * What a refusal means when its server says what the RFCs say: by enhanced status code (RFC 3463 and its registry), else by stage
 * and code.
 */
final class StandardMeaning {

    private StandardMeaning() {
    }

    static Category of(Answer answer) {
        if (!answer.enhanced().isEmpty()) {
            String[] numbers = answer.enhanced().split("\\.");
            int detail = Integer.parseInt(numbers[2]);
            switch (Integer.parseInt(numbers[1])) {
                case 1:
                    return ofAddress(answer.stage(), detail);
                case 2:
                    return detail == 3 ? Category.SIZE : Category.MAILBOX;
                case 3:
                    return detail == 4 ? Category.SIZE : detail == 3 ? Category.PROTOCOL : Category.SYSTEM;
                case 4:
                    return detail == 6 ? Category.PROTOCOL : Category.SYSTEM;
                case 5:
                    return Category.PROTOCOL;
                case 6:
                    return detail == 0 ? Category.CONTENT : Category.PROTOCOL;
                case 7:
                    return ofPolicy(answer, detail);
                default:
                    break;
            }
        }
        return ofCode(answer);
    }

    /** 1.7 and 1.8 are the sender's address, and at MAIL there is no other. */
    private static Category ofAddress(Stage stage, int detail) {
        return stage == Stage.MAIL || detail == 7 || detail == 8 ? Category.SENDER_AUTH : Category.ADDRESS;
    }

    private static Category ofPolicy(Answer answer, int detail) {
        return switch (detail) {
            case 10, 11, 30 -> Category.TLS;
            case 13 -> Category.MAILBOX;
            case 17, 18 -> Category.ADDRESS;
            case 7, 20, 21, 22, 23, 24, 26, 27, 29 -> Category.SENDER_AUTH;
            case 8, 9, 12, 14, 25 -> Category.RELAY_TRUST;
            case 28 -> Category.THROTTLE;
            default -> isAboutContent(answer.stage()) ? Category.CONTENT : Category.RELAY_TRUST;
        };
    }

    private static boolean isAboutContent(Stage stage) {
        return stage == Stage.DATA || stage == Stage.DOT;
    }

    private static Category ofCode(Answer answer) {
        Stage stage = answer.stage();
        return switch (answer.code()) {
            case 450 -> stage == Stage.RCPT ? Category.MAILBOX : Category.SYSTEM;
            case 452 -> stage == Stage.RCPT ? Category.PROTOCOL : Category.SYSTEM;
            case 454, 538 -> Category.TLS;
            case 530 -> Category.RELAY_TRUST;
            case 534, 535 -> Category.RELAY_TRUST;
            case 455, 500, 501, 502, 503, 504, 555 -> Category.PROTOCOL;
            case 521, 556 -> Category.ADDRESS;
            case 550, 551, 553 -> stage == Stage.RCPT ? Category.ADDRESS : stage == Stage.MAIL ? Category.SENDER_AUTH : Category.CONTENT;
            case 552 -> stage == Stage.RCPT ? Category.MAILBOX : Category.SIZE;
            case 554 -> isAboutContent(stage) ? Category.CONTENT : Category.RELAY_TRUST;
            default -> answer.code() < 500 ? Category.SYSTEM : isAboutContent(stage) ? Category.CONTENT : Category.RELAY_TRUST;
        };
    }
}
