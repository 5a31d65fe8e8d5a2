package io.smtpdup.spool;

import java.util.Map;

import io.smtpdup.message.OptionDefaults;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/**
 * The queues of the {@link Spool}: {@code spool:name}. A route that ends there has its mail on disk when it goes on; a route
 * that begins there has each copy until its steps are through, and gives it back when they fail.
 */
@Component("spool")
public class SpoolComponent extends DefaultComponent {

    private Spool spool;

    private OptionDefaults defaults = new OptionDefaults(Map.of());

    /** Of no use before {@link #setSpool}. */
    public SpoolComponent() {
    }

    SpoolComponent(Spool spool) {
        this.spool = spool;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (spool == null) {
            throw new IllegalArgumentException("the component spool has no Spool; in a relay it has");
        }
        if (!remaining.matches("[^/\\s]+")) {
            throw new IllegalArgumentException("spool needs the name of a queue, not \"" + remaining + "\"");
        }
        SpoolEndpoint endpoint = new SpoolEndpoint(uri, this, remaining);
        defaults.complete(parameters, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** What a route need not say, by the names of queues, for endpoints created from now on. */
    public void useDefaults(OptionDefaults defaults) {
        this.defaults = defaults;
    }

    public Spool getSpool() {
        return spool;
    }

    /** The queues and their broker; they begin and end with the program, not with the component. */
    public void setSpool(Spool spool) {
        this.spool = spool;
    }
}
