package io.smtpdup.backup;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The gates of the backups, which stay over a reload: whether a backup is away, when its rate allows the next copy and how many copies
 * are on their way does not change because the settings are read anew. Safe for use by several threads.
 */
public final class SharedGates {

    private final Map<String, Gate> gates = new ConcurrentHashMap<>();

    /** The gate before the queue of that name and the server with that address; made when there is none. */
    Gate of(String name, String address, Supplier<Gate> made) {
        return gates.compute(name, (unused, known) -> known != null && known.address().equals(address) ? known : made.get());
    }

    /** Forgets those of others; copies that are on their way still have theirs. */
    public void retain(Collection<Gate> used) {
        gates.values().retainAll(used);
    }
}
