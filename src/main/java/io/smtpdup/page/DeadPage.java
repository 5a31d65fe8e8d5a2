package io.smtpdup.page;

import java.util.List;

import io.smtpdup.tools.BackupView;
import io.smtpdup.tools.Parameters;

/** What is on the page of the dead letters. */
record DeadPage(Copies copies, List<String> backups, long all) {

    static DeadPage of(Sources sources, Parameters asked) {
        List<BackupView> views = sources.steering().overview().backups();
        return new DeadPage(Copies.dead(sources, asked), views.stream().map(BackupView::name).toList(),
                views.stream().mapToLong(view -> view.dead() + view.damaged()).sum());
    }
}
