package io.smtpdup.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The addresses of one server's name. When one of them does not let us in, for whatever reason, the next is tried (RFC 5321
 * section 5.1), all within one limit; those that failed lately come last, so that not every mail waits for them.
 */
final class Addresses {

    /** As many as Postfix tries for one mail (smtp_mx_address_limit), so that each gets enough of the time. */
    private static final int MOST = 5;

    private static final Duration LATELY = Duration.ofMinutes(5);

    private final String host;
    private final HostResolver resolver;
    private final Map<InetAddress, Long> failedAt = new ConcurrentHashMap<>();

    /** @param host a name or an address literal */
    Addresses(String host, HostResolver resolver) {
        this.host = host;
        this.resolver = resolver;
    }

    /** One try to get a session at one address. */
    @FunctionalInterface
    interface Attempt {

        /** @param within the try's share of the time that is left */
        Connection at(InetAddress address, Duration within) throws SessionException;
    }

    /**
     * The session at the first address where there is one to be had.
     *
     * @param all what all tries together may take
     * @throws SessionException with every address and its reason
     */
    Connection first(Duration all, Attempt attempt) throws SessionException {
        List<InetAddress> candidates = inOrder();
        long end = System.nanoTime() + all.toNanos();
        StringJoiner reasons = new StringJoiner("; ");
        boolean tlsFailed = false;
        for (int i = 0;; i++) {
            InetAddress address = candidates.get(i);
            try {
                Duration share = Duration.ofNanos((end - System.nanoTime()) / (candidates.size() - i));
                Connection session = attempt.at(address, share);
                failedAt.remove(address);
                return session;
            } catch (SessionException e) {
                failedAt.put(address, System.nanoTime());
                tlsFailed |= e.isTlsFailed();
                reasons.add(candidates.size() > 1 ? address.getHostAddress() + ": " + e.getMessage() : e.getMessage());
                if (e.isLoginRefused() || i == candidates.size() - 1) {
                    throw new SessionException(reasons.toString(), e.getCause(), tlsFailed, e.isLoginRefused());
                }
            }
        }
    }

    private List<InetAddress> inOrder() throws SessionException {
        try {
            List<InetAddress> known = resolver.resolve(host);
            failedAt.keySet().retainAll(known);
            long now = System.nanoTime();
            failedAt.values().removeIf(failed -> now - failed > LATELY.toNanos());
            Comparator<InetAddress> longestAgoFirst =
                    Comparator.comparing(address -> failedAt.containsKey(address) ? failedAt.get(address) - now : Long.MIN_VALUE);
            return known.stream().sorted(longestAgoFirst).limit(MOST).toList();
        } catch (UnknownHostException e) {
            throw new SessionException("unknown host", e, false, false);
        }
    }
}
