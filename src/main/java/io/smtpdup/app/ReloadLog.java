package io.smtpdup.app;

import io.smtpdup.ops.MailLog;
import io.smtpdup.tools.ReloadResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log says of a reload: one line of what it came to, and one for each thing that the operator should read. */
final class ReloadLog {

    private static final Logger LOG = LoggerFactory.getLogger(io.smtpdup.tools.Reload.class);

    private ReloadLog() {
    }

    static void log(String reason, ReloadResult result) {
        MailLog.reload(reason, result.problems().size(), result.changed().size(), result.backups().added().size(),
                result.backups().removed().size(), result.routes().size(), result.certificate(), result.needsRestart().size());
        result.problems().forEach(problem -> LOG.error("not reloaded: {}", problem));
        result.changed().forEach(change -> LOG.info("{}: {} (was {})", change.key(), change.now(), change.before()));
        result.needsRestart().forEach(change -> LOG.warn("{} needs a restart: it is {} until then, and {} in the files",
                change.key(), change.before(), change.now()));
    }
}
