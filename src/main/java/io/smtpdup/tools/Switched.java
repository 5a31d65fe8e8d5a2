package io.smtpdup.tools;

import java.util.List;

import io.smtpdup.cutover.Preflight;
import org.jspecify.annotations.Nullable;

/**
 * What came of a switch.
 *
 * @param state done; refused, because a line is not in order; to-write, when the settings cannot be written by the relay; needs-restart, when
 *        they are written and the relay takes them at its next start; failed, when the new settings were not taken up
 * @param primary host:port of the primary that is in force, or that will be
 * @param problems why it failed; empty otherwise
 * @param saved how the settings' file as it was is called, beside it; null when nothing was written
 * @param toWrite null when nothing has to be written
 * @param next what the operator has to do; null for nothing
 */
public record Switched(String state, String primary, String backup, List<Preflight.Line> lines, List<String> problems,
        @Nullable String saved, @Nullable ToWrite toWrite, @Nullable String next) {

    /**
     * What the relay may not write itself.
     *
     * @param file where it belongs; null when that is no file of the relay's
     * @param digest SHA-256 of what the file says now
     * @param backup the name of the one that becomes the primary
     * @param options what the other gets behind its address
     * @param lines the two settings in the form of the place where they stand, without passwords
     */
    public record ToWrite(@Nullable String file, String digest, String backup, String options, List<String> lines) {
    }
}
