package io.smtpdup.tools;

/** A reload, as somebody asks for it over HTTP. */
final class ReloadTools {

    private static final int LONGEST_REASON = 200;

    private ReloadTools() {
    }

    /**
     * Reads everything anew.
     *
     * @param reason null when nobody said one
     * @throws RequestException with a line for each thing that is wrong, when nothing has changed
     */
    static ReloadResult run(Reload reload, String reason) {
        String why = reason == null || reason.isBlank() ? "an operator" : reason.substring(0, Math.min(LONGEST_REASON, reason.length()));
        ReloadResult result = reload.now(why);
        if (!result.reloaded()) {
            throw RequestException.conflict(String.join("\n", result.problems()));
        }
        return result;
    }
}
