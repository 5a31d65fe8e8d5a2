package io.smtpdup.app;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells at the start, and then once a day, that our certificate ends soon, and shows the days that are left as a metric. */
final class CertificateWatch {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final ServerCertificate certificate;

    private final Clock clock;

    CertificateWatch(ServerCertificate certificate, Clock clock) {
        this.certificate = certificate;
        this.clock = clock;
    }

    /**
     * Begins; ends with the context.
     *
     * @param meters null for none
     */
    void attachTo(CamelContext context, MeterRegistry meters) {
        certificate.gap().ifPresent(LOG::warn);
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "certificate")
                .scheduleAtFixedRate(this::look, 0, 1, TimeUnit.DAYS);
        if (meters != null) {
            Gauge.builder("smtpdup.certificate.days.left", this, CertificateWatch::daysLeft)
                    .description("Days until the certificate of smtp.tls_certificate, or one of its chain, expires").register(meters);
        }
    }

    void look() {
        certificate.ending(clock.instant()).ifPresent(LOG::warn);
    }

    /** Negative when it has ended. */
    double daysLeft() {
        return Duration.between(clock.instant(), certificate.end()).toSeconds() / 86_400.0;
    }
}
