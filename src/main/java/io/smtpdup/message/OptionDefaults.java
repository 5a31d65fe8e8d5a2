package io.smtpdup.message;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the options of a component's endpoints are where a route does not say them itself: some for all endpoints, and some for
 * those that have a name. Safe for use by several threads.
 */
public final class OptionDefaults {

    private final Map<String, Object> common;

    private final Map<String, Map<String, Object>> named = new ConcurrentHashMap<>();

    /** @param common options of all endpoints, by name */
    public OptionDefaults(Map<String, ?> common) {
        this.common = Map.copyOf(common);
    }

    /** Options of the endpoints of that name, which win over those of all; in the place of earlier ones. */
    public void set(String name, Map<String, ?> options) {
        named.put(name, Map.copyOf(options));
    }

    /**
     * Adds the options that an endpoint's parameters do not have yet.
     *
     * @param name of the endpoint; one that nothing was {@link #set} for gets the common ones
     * @return whether something was set for the name
     */
    public boolean complete(Map<String, Object> parameters, String name) {
        Map<String, Object> own = named.get(name);
        if (own != null) {
            own.forEach(parameters::putIfAbsent);
        }
        common.forEach(parameters::putIfAbsent);
        return own != null;
    }
}
