package io.smtpdup.delivery;

import java.util.Iterator;
import java.util.Map;
import java.util.Properties;

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
        address(ServerAddress.parse(remaining), configuration);

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

    private static void address(ServerAddress address, MailConfiguration configuration) {
        configuration.setHost(address.host());
        if (address.port() > 0) {
            configuration.setPort(address.port());
        } else if (configuration.getPort() <= 0) {
            configuration.setPort(MailUtils.getDefaultPortForProtocol(configuration.getProtocol()));
        }
        if (address.user() != null) {
            configuration.setUsername(address.user());
            configuration.setPassword(address.password());
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
