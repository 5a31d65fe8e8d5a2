package io.smtpdup.server;

import java.util.Map;

import io.smtpdup.message.OptionDefaults;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.SSLContextParametersAware;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/**
 * Receives mail by SMTP: {@code smtp-server:host:port}. The mail's octets are the body, its envelope is in the headers
 * {@link SmtpServerConstants} names, and the outcome of the route is what the client hears.
 */
@Component("smtp-server")
public class SmtpServerComponent extends DefaultComponent implements SSLContextParametersAware {

    @Metadata(label = "advanced")
    private SmtpServerConfiguration configuration = new SmtpServerConfiguration();

    @Metadata(label = "security", defaultValue = "false")
    private boolean useGlobalSslContextParameters;

    private OptionDefaults defaults = new OptionDefaults(Map.of());

    public SmtpServerComponent() {
    }

    public SmtpServerComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        SmtpServerConfiguration options = configuration.copy();
        int colon = remaining.lastIndexOf(':');
        if (colon < 0 || !remaining.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("smtp-server needs host:port, not \"" + remaining + "\"");
        }
        String host = remaining.substring(0, colon);
        if (host.contains(":") && !(host.startsWith("[") && host.endsWith("]"))) {
            throw new IllegalArgumentException("an IPv6 address must be in brackets: [" + host + "]:"
                    + remaining.substring(colon + 1));
        }
        options.setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
        options.setPort(Integer.parseInt(remaining.substring(colon + 1)));
        if (options.getSslContextParameters() == null) {
            options.setSslContextParameters(retrieveGlobalSslContextParameters());
        }
        SmtpServerEndpoint endpoint = new SmtpServerEndpoint(uri, this, options);
        defaults.complete(parameters, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public SmtpServerConfiguration getConfiguration() {
        return configuration;
    }

    /** Options that every endpoint begins with. */
    public void setConfiguration(SmtpServerConfiguration configuration) {
        this.configuration = configuration;
    }

    /** What a route need not say, for endpoints created from now on; more than {@link #getConfiguration()} says. */
    public void useDefaults(OptionDefaults defaults) {
        this.defaults = defaults;
    }

    @Override
    public boolean isUseGlobalSslContextParameters() {
        return useGlobalSslContextParameters;
    }

    /** Whether to offer STARTTLS with the context's own SSLContextParameters. */
    @Override
    public void setUseGlobalSslContextParameters(boolean useGlobalSslContextParameters) {
        this.useGlobalSslContextParameters = useGlobalSslContextParameters;
    }
}
