package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;

import org.apache.camel.component.mail.MailConfiguration;
import org.junit.jupiter.api.Test;

class SharedPoolTest {

    @Test
    void isTriedAnewForTheNextProducerWhenItCouldNotBeMade() {
        MailConfiguration configuration = new MailConfiguration();
        configuration.setHost("mail.example.com");
        configuration.setPort(25);
        SharedPool pool = new SharedPool(new DeliveryEndpoint("smtp:mail.example.com", new DeliveryComponent(), configuration) {

            @Override
            ConnectionPool newPool() throws IOException {
                throw new IOException("not today");
            }
        });

        assertThatThrownBy(pool::open).hasMessage("not today");

        assertThatThrownBy(pool::open).hasMessage("not today");
        assertThatThrownBy(pool::forClients).hasMessageContaining("mail.example.com").hasMessageContaining("not today");
    }
}
