package io.smtpdup.page;

import java.util.List;

import io.smtpdup.message.SteadyClock;
import io.smtpdup.page.Traffic.Past;
import io.smtpdup.page.Traffic.What;
import io.smtpdup.tools.BackupView;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;

/**
 * What is on the page of one backup, or of a queue that was left over.
 *
 * @param back where a button leads: to this page, unless it may be the last of a queue that is gone with its copies
 */
record QueuePage(Queue queue, Copies copies, List<Plot> plots, String back) {

    static QueuePage of(Sources sources, Parameters asked) {
        String name = asked.backup();
        BackupView view = sources.steering().overview().backups().stream().filter(one -> one.name().equals(name)).findFirst()
                .orElseThrow(() -> RequestException.notFound("There is no such backup, or what it left is gone."));
        Past delivered = past(sources, view, What.DELIVERED);
        return new QueuePage(Queue.of(view, delivered.lastMinutes(5)), Copies.waiting(sources, asked),
                List.of(Plot.of("delivered", "Delivered, last hour", "a minute", delivered.hour()),
                        Plot.of("deferred", "Tries put off, last hour", "a minute", past(sources, view, What.DEFERRED).hour()),
                        Plot.of("delivered", "Delivered, last day", "in ten minutes", delivered.day()),
                        Plot.of("dead", "Given up, last day", "in ten minutes", past(sources, view, What.DEAD).day())),
                view.role().equals("backup") ? "/page/queue?backup=" + Words.url(name) : "/");
    }

    private static Past past(Sources sources, BackupView view, What what) {
        return sources.memory().traffic().of(String.valueOf(view.address()), what, SteadyClock.system().instant());
    }
}
