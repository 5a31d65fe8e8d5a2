package io.smtpdup.recipients;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The domains of one check of which nobody knows yet whether any of their addresses is taken. For one thread. */
final class Unproven {

    /** Each is asked about in so many passes, which is longer than most greylists take. */
    private static final int TRIES = 4;

    private final Map<String, Domain> domains = new HashMap<>();

    private int pass;

    private static final class Domain {

        /** Always the same, as a greylist needs it. */
        private final String nobody;

        /** Addresses that were taken, whatever that means. */
        private final List<String> taken = new ArrayList<>();

        private int tries;

        private int askedIn;

        Domain(String name) {
            nobody = CatchAlls.nobody(name);
        }
    }

    /** Returns the domains that were asked about before. */
    List<String> nextPass() {
        pass++;
        return List.copyOf(domains.keySet());
    }

    /** Addresses that nobody has, and their domains, of those that are to be asked about now: once in a pass. */
    Map<String, String> nobodies(Collection<String> names) {
        Map<String, String> nobodies = new LinkedHashMap<>();
        for (String name : names) {
            Domain domain = domains.computeIfAbsent(name, Domain::new);
            if (domain.tries < TRIES && domain.askedIn < pass) {
                domain.askedIn = pass;
                nobodies.put(domain.nobody, name);
            }
        }
        return nobodies;
    }

    /**
     * Nothing clear was said.
     *
     * @param forGood nor will be
     * @return whether it is not asked about any more
     */
    boolean unclear(String name, boolean forGood) {
        Domain domain = domains.computeIfAbsent(name, Domain::new);
        domain.tries = forGood ? TRIES : domain.tries + 1;
        return domain.tries >= TRIES;
    }

    /** Whether an address that was taken is one of these domains'; then it is remembered. */
    boolean taken(String address) {
        Domain domain = domains.get(CatchAlls.domainOf(address));
        return domain != null && domain.taken.add(address);
    }

    /** A domain is none of these any more; returns its addresses that were taken. */
    List<String> proven(String name) {
        Domain domain = domains.remove(name);
        return domain == null ? List.of() : domain.taken;
    }

    /** All addresses that were taken. */
    Set<String> taken() {
        Set<String> taken = new HashSet<>();
        domains.values().forEach(domain -> taken.addAll(domain.taken));
        return taken;
    }

    /** Whether another try could make something of an address that was taken. */
    boolean isWorthATry() {
        return domains.values().stream().anyMatch(domain -> !domain.taken.isEmpty() && domain.tries < TRIES);
    }
}
