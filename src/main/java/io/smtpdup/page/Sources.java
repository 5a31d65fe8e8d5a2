package io.smtpdup.page;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.smtpdup.config.Settings;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.spool.Spool;
import io.smtpdup.tools.AgreementTools;
import io.smtpdup.tools.CutoverTools;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.Steering;
import io.smtpdup.tools.TraceTools;

/**
 * What the pages are made of.
 *
 * @param agreement empty where nothing is compared
 * @param cutover the switch
 * @param reload reads the settings anew
 * @param mails the latest ones
 * @param memory what was there before these settings as well
 * @param settings those in force
 * @param version of the program and of what it runs on, a line each
 * @param scratch a directory for mails on their way to whoever saves them
 */
public record Sources(
        Steering steering,
        Optional<AgreementTools> agreement,
        CutoverTools cutover,
        Reload reload,
        TraceTools mails,
        Destinations destinations,
        Spool spool,
        PageMemory memory,
        Settings settings,
        List<String> version,
        Path scratch) {
}
