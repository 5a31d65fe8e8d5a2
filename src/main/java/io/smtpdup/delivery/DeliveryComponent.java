package io.smtpdup.delivery;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

import io.smtpdup.message.OptionDefaults;
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

    /** Options that only a letter of our own has; camel-mail makes a "to" of a user name as well. */
    private static final Set<String> LETTER = Set.of("to", "cc", "bcc", "subject");

    private Destinations destinations = new Destinations(Map.of());

    private OptionDefaults defaults = new OptionDefaults(Map.of());

    private HostResolver hostResolver = HostResolver.SYSTEM;

    Destinations getDestinations() {
        return destinations;
    }

    /** Where what is seen of servers is kept, for endpoints created from now on. */
    public void setDestinations(Destinations destinations) {
        this.destinations = destinations;
    }

    /**
     * What a route need not say, for endpoints created from now on: named by {@code host:port}, or by the value of the option
     * {@code backup} where an endpoint has one.
     */
    public void useDefaults(OptionDefaults defaults) {
        this.defaults = defaults;
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
        complete(parameters, configuration);

        DeliveryEndpoint endpoint = new DeliveryEndpoint(uri, this, configuration);
        endpoint.setCamelContext(getCamelContext());
        endpoint.setComposes(LETTER.stream().anyMatch(parameters::containsKey));
        endpoint.setContentTypeResolver(getContentTypeResolver());
        setEndpointHeaderFilterStrategy(endpoint);
        setProperties(endpoint, parameters);
        if (configuration.getSslContextParameters() == null) {
            configuration.setSslContextParameters(retrieveGlobalSslContextParameters());
        }
        endpoint.check();
        return endpoint;
    }

    private void complete(Map<String, Object> parameters, MailConfiguration configuration) {
        Map<String, Object> completed = new HashMap<>(parameters);
        Object backup = parameters.get("backup");
        boolean known = defaults.complete(completed, backup != null ? backup.toString()
                : new HostPort(configuration.getHost(), configuration.getPort()).toString());
        if (backup != null && !known) {
            throw new IllegalArgumentException("no backup has the name " + backup + "; it is that of its queue, as in mail.example.com-25");
        }
        // What the URI says in camel-mail's own way is said as well.
        if (configuration.getUsername() != null || parameters.containsKey("username")) {
            completed.remove("authenticator");
        }
        Properties own = configuration.getAdditionalJavaMailProperties();
        String prefix = "mail." + configuration.getProtocol();
        if (configuration.getProtocol().equals("smtps") || own.containsKey(prefix + ".starttls.required")) {
            completed.remove("tls");
        }
        if (own.containsKey(prefix + ".localhost")) {
            completed.remove("localName");
        }
        completed.forEach(parameters::putIfAbsent);
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
