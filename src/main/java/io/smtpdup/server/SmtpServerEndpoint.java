package io.smtpdup.server;

import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;

/** Receive mail by SMTP and answer each one with the outcome of the route. */
@UriEndpoint(firstVersion = "0.1.0", scheme = "smtp-server", title = "SMTP Server", syntax = "smtp-server:host:port",
             consumerOnly = true, category = { Category.MAIL }, headersClass = SmtpServerConstants.class)
public class SmtpServerEndpoint extends DefaultEndpoint implements EndpointServiceLocation {

    @UriParam
    private SmtpServerConfiguration configuration;

    @UriParam(label = "advanced")
    private Arrivals arrivals;

    public SmtpServerEndpoint(String uri, SmtpServerComponent component, SmtpServerConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        SmtpServerConsumer consumer = new SmtpServerConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("smtp-server only receives; send with smtp");
    }

    public SmtpServerConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(SmtpServerConfiguration configuration) {
        this.configuration = configuration;
    }

    public Arrivals getArrivals() {
        return arrivals;
    }

    /** Who hears of each mail whose content has come, whatever became of it. */
    public void setArrivals(Arrivals arrivals) {
        this.arrivals = arrivals;
    }

    @Override
    public String getServiceUrl() {
        return configuration.getHost() + ":" + configuration.getPort();
    }

    @Override
    public String getServiceProtocol() {
        return "smtp";
    }
}
