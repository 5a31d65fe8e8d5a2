package io.smtpdup.app;

import java.util.List;

import io.smtpdup.config.Destination;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;

/**
 * Makes one route of the operator's template {@code backup} for each backup; a list of unknown length is the one thing
 * YAML cannot say.
 */
final class BackupRoutes {

    private static final String TEMPLATE = "backup";

    private final List<Destination> backups;

    BackupRoutes(List<Destination> backups) {
        this.backups = backups;
    }

    void addTo(CamelContext context) {
        for (Destination backup : backups) {
            TemplatedRouteBuilder.builder(context, TEMPLATE)
                    .routeId("backup." + backup.name())
                    .prefixId(backup.name() + ".")
                    .parameter("name", backup.name())
                    .parameter("address", backup.address())
                    .parameter("tls", backup.tls().word())
                    .add();
        }
    }
}
