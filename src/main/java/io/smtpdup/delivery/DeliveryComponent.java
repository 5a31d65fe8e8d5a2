package io.smtpdup.delivery;

import java.util.Iterator;
import java.util.Map;
import java.util.Properties;

import io.smtpdup.net.HostPort;
import org.apache.camel.Endpoint;
import org.apache.camel.component.mail.MailComponent;
import org.apache.camel.component.mail.MailConfiguration;
import org.apache.camel.component.mail.MailEndpointConfigurer;
import org.apache.camel.component.mail.MailUtils;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.util.StringHelper;

/**
 * camel-mail's {@code smtp} and {@code smtps}, for a relay: bind one instance under each of these names, and routes say
 * {@code smtp:host:port} as they always did.
 */
public class DeliveryComponent extends MailComponent {

    private final PropertyConfigurer stockOptions = new MailEndpointConfigurer();

    private Destinations destinations = new Destinations(Map.of());

    private HostResolver hostResolver = HostResolver.SYSTEM;

    Destinations getDestinations() {
        return destinations;
    }

    /** Where what is seen of servers is kept, for endpoints created from now on. */
    public void setDestinations(Destinations destinations) {
        this.destinations = destinations;
    }

    HostResolver getHostResolver() {
        return hostResolver;
    }

    /** For endpoints created from now on. */
    public void setHostResolver(HostResolver hostResolver) {
        this.hostResolver = hostResolver;
    }

    @Override
    public PropertyConfigurer getEndpointPropertyConfigurer() {
        return stockOptions;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        String scheme = StringHelper.before(uri, ":");
        if (!"smtp".equals(scheme) && !"smtps".equals(scheme)) {
            throw new IllegalArgumentException("smtp or smtps expected, not " + scheme);
        }
        MailConfiguration configuration = getConfiguration().copy();
        configuration.setAdditionalJavaMailProperties(extractMailProperties(configuration, parameters));
        configuration.configureProtocol(scheme);
        address(remaining, configuration);

        DeliveryEndpoint endpoint = new DeliveryEndpoint(uri, this, configuration);
        endpoint.setCamelContext(getCamelContext());
        endpoint.setContentTypeResolver(getContentTypeResolver());
        setEndpointHeaderFilterStrategy(endpoint);
        setProperties(endpoint, parameters);
        if (configuration.getSslContextParameters() == null) {
            configuration.setSslContextParameters(retrieveGlobalSslContextParameters());
        }
        endpoint.check();
        return endpoint;
    }

    /** Reads {@code [user[:password]@]host[:port]}. */
    private static void address(String text, MailConfiguration configuration) {
        String address = text.replaceAll("^/+|/+$", "");
        int at = address.lastIndexOf('@');
        int defaultPort = configuration.getPort() > 0
                ? configuration.getPort()
                : MailUtils.getDefaultPortForProtocol(configuration.getProtocol());
        HostPort server = HostPort.parse(address.substring(at + 1), defaultPort);
        if (server.port() == 0) {
            throw new IllegalArgumentException("not a port to connect to: 0");
        }
        configuration.setHost(server.host());
        configuration.setPort(server.port());
        if (at >= 0) {
            String[] login = address.substring(0, at).split(":", 2);
            configuration.setUsername(login[0]);
            configuration.setPassword(login.length > 1 ? login[1] : null);
        }
    }

    /** A copy: the endpoints of a component must not share theirs. */
    private static Properties extractMailProperties(MailConfiguration configuration, Map<String, Object> parameters) {
        Properties properties = new Properties();
        properties.putAll(configuration.getAdditionalJavaMailProperties());
        for (Iterator<Map.Entry<String, Object>> i = parameters.entrySet().iterator(); i.hasNext();) {
            Map.Entry<String, Object> parameter = i.next();
            if (parameter.getKey().startsWith("mail.")) {
                properties.put(parameter.getKey(), String.valueOf(parameter.getValue()));
                i.remove();
            }
        }
        return properties;
    }
}
