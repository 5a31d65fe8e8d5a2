package io.smtpdup.backup;

import java.util.List;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.CopiedTo;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.NonManagedService;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/** Tells of each recipient that the primary took and for whom an operator's filter gave a backup no copy. */
public final class UncopiedMails implements RoutePolicyFactory {

    private static final String CLIENTS = "smtp-server:";

    private final Backups backups;

    private final Verdicts verdicts;

    public UncopiedMails(Backups backups, Verdicts verdicts) {
        this.backups = backups;
        this.verdicts = verdicts;
    }

    /** Null for routes that do not begin with a client. */
    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode definition) {
        return definition instanceof RouteDefinition route && route.getInput() != null
                && route.getInput().getEndpointUri().startsWith(CLIENTS) ? new Policy() : null;
    }

    private final class Policy extends RoutePolicySupport implements NonManagedService {

        @Override
        public void onExchangeBegin(Route route, Exchange mail) {
            CopiedTo.begin(mail);
        }

        @Override
        public void onExchangeDone(Route route, Exchange mail) {
            if (mail.getMessage().getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict) {
                CopiedTo copied = CopiedTo.of(mail);
                for (String queue : backups.waiting()) {
                    List<String> left = copied.without(queue, verdict.recipients());
                    if (!left.isEmpty()) {
                        verdicts.leftOut(mail.getMessage(), left, QueueNames.backup(queue));
                    }
                }
            }
        }
    }
}
