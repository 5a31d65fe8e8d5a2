package io.smtpdup.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.smtpdup.server.SmtpServerConstants;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MailBindingTest {

    private static final Room FULL = octets -> {
        throw new IOException("the disk is full");
    };

    @Test
    void refusesANewCopyOnAFullDiskButLetsOneThatIsKeptAlreadyMove(@TempDir Path directory) throws Exception {
        Spool spool = new Spool(directory, 1);
        spool.start(List.of("backup.mail-25"));
        try (Connection connection = spool.createConnection()) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            JmsEndpoint endpoint = new JmsEndpoint();
            endpoint.setConfiguration(new JmsConfiguration());
            MailBinding binding = new MailBinding(endpoint, FULL);
            Exchange copy = copy();

            assertThatThrownBy(() -> binding.createJmsMessage(copy, copy.getMessage(), session, copy.getContext()))
                    .isInstanceOf(JMSException.class).hasRootCauseMessage("the disk is full");

            copy.getMessage().setHeader(CopyConstants.ACCEPTED_AT, 1L);
            assertThat(binding.createJmsMessage(copy, copy.getMessage(), session, copy.getContext())
                    .getLongProperty(MailProperties.ACCEPTED_AT)).isEqualTo(1);
        } finally {
            spool.stop();
        }
    }

    private static Exchange copy() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader(SmtpServerConstants.REVERSE_PATH, "a@b.example");
        exchange.getMessage().setHeader(SmtpServerConstants.RECIPIENTS, List.of("c@d.example"));
        exchange.getMessage().setBody(new byte[] {'x'});
        return exchange;
    }
}
