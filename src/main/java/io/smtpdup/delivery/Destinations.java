package io.smtpdup.delivery;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The servers that mails go to, each known once, however many routes and schemes name it. */
public final class Destinations {

    private final Map<String, String> roles;

    private final Map<String, DestinationWatch> watches = new ConcurrentHashMap<>();

    /** @param roles primary or backup, by host and port; any other server is other */
    public Destinations(Map<String, String> roles) {
        this(roles, null);
    }

    /** @param before what was known until now, of servers that may have had other roles; null for nothing */
    public Destinations(Map<String, String> roles, Destinations before) {
        this.roles = Map.copyOf(roles);
        if (before != null) {
            roles.forEach((address, role) -> {
                DestinationWatch known = before.watches.get(address);
                if (known != null) {
                    watches.put(address, known.as(role));
                }
            });
        }
        roles.keySet().forEach(this::of);
    }

    /** What is known of a server, by host and port. */
    DestinationWatch of(String address) {
        return watches.computeIfAbsent(address, one -> new DestinationWatch(one, roles.getOrDefault(one, "other")));
    }

    /** What a server, by host and port, called itself when it greeted us last, and in its reply to EHLO; empty when that is not known. */
    public String nameOf(String address) {
        DestinationWatch watch = watches.get(address);
        ServerFacts facts = watch == null ? null : watch.facts();
        return facts == null ? "" : facts.name();
    }

    /** All of them, in no order. */
    public Collection<DestinationWatch> all() {
        return List.copyOf(watches.values());
    }
}
