package io.smtpdup.tools;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.stream.Stream;

import io.smtpdup.net.HostPort;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;

/**
 * Says who may use the tools. With a token: who has it. Without one: who is on this machine, when the management port can be
 * reached from nowhere else. A web page never may, also not one that an operator has open in a browser on this machine; the relay's own page
 has rules of its own on top of these.
 */
public final class AccessGuard {

    private static final String BEARER = "Bearer ";

    private final String host;

    private final byte[] token;

    private final boolean local;

    /**
     * @param host where the management port is bound
     * @param token empty for none
     */
    public AccessGuard(String host, Optional<String> token) {
        this.host = host;
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
        this.local = isLocal(host);
    }

    /** A request that is refused: the status, and why. */
    record Refusal(int status, String reason) {
    }

    /** True when nobody may use the tools, because they can be reached from other machines and there is no token. */
    public boolean isClosed() {
        return token == null && !local;
    }

    /** Empty when the request may go on. */
    Optional<Refusal> check(HttpServerRequest request) {
        if (isClosed()) {
            return refuse(403, "management.host is not a loopback address, so the tools need management.token, and it is not set");
        }
        if (request.getHeader("Origin") != null) {
            return refuse(403, "web pages may not use the tools");
        }
        if (token != null) {
            return isToken(request.getHeader("Authorization")) ? Optional.empty()
                    : refuse(401, "the tools need management.token, as Authorization: Bearer");
        }
        // A name that a web page's owner points at this machine is still the page's own to a browser.
        return isThisMachine(request.authority()) ? Optional.empty()
                : refuse(403, "the Host header must name this machine: 127.0.0.1, [::1] or localhost");
    }

    /** Whether the tools ask for a token. */
    public boolean hasToken() {
        return token != null;
    }

    /** Whether a header of a request, null for none, has the token. */
    public boolean isToken(String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && isSecret(authorization.substring(BEARER.length()).strip());
    }

    /** Whether this is the token; takes the same time for every wrong one. */
    public boolean isSecret(String given) {
        return token != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a request's Host, null for none, is this machine by a name that nobody else can give it. */
    public boolean isThisMachine(HostAndPort named) {
        if (named == null) {
            return false;
        }
        try {
            String name = new HostPort(named.host().replaceAll("^\\[|]$", ""), 0).host();
            return name.equals("localhost") || name.equals(host)
                    || new HostPort(name, 0).isAddress() && InetAddress.getByName(name).isLoopbackAddress();
        } catch (IllegalArgumentException | UnknownHostException e) {
            return false;
        }
    }

    /** A name counts as what it means now; one that means nothing is not local. */
    private static boolean isLocal(String host) {
        try {
            return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static Optional<Refusal> refuse(int status, String reason) {
        return Optional.of(new Refusal(status, reason));
    }
}
