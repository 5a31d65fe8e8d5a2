package io.smtpdup.page;

import java.util.Optional;

import io.smtpdup.tools.AccessGuard;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;

/**
 * Says who may see the pages and use their buttons: whoever may use the tools. With a token, a person logs in once, and a cookie that no
 * script reads and no other site sends stands for it. Without one, it is who is on this machine. A change comes from a form of ours, which
 * carries a secret that other sites cannot read; what a browser says about where a request comes from is checked besides.
 */
final class PageAccess {

    private final AccessGuard guard;

    private final Sessions sessions;

    private final String form;

    /** @param form the secret in the forms of who needs no session */
    PageAccess(AccessGuard guard, Sessions sessions, String form) {
        this.guard = guard;
        this.sessions = sessions;
        this.form = form;
    }

    /**
     * Somebody who may see the pages.
     *
     * @param form the secret of this visitor's forms
     * @param session whether there is one that can be ended
     */
    record Visitor(String form, boolean session) {
    }

    /** Why somebody may not. */
    static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(int status, String reason) {
            super(reason);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /**
     * Who asks.
     *
     * @return empty when somebody has to log in
     * @throws Refused when that would not help either
     */
    Optional<Visitor> visitor(HttpServerRequest request) {
        requireOwnSite(request);
        if (!guard.hasToken()) {
            return Optional.of(new Visitor(form, false));
        }
        Optional<Visitor> known = request.cookies(cookieName(request)).stream()
                .flatMap(cookie -> sessions.of(cookie.getValue()).stream()).findFirst()
                .map(session -> new Visitor(session.form(), true));
        return known.isEmpty() && guard.isToken(request.getHeader("Authorization")) ? Optional.of(new Visitor(form, false)) : known;
    }

    /** Whether people log in here at all. */
    boolean hasLogin() {
        return guard.hasToken();
    }

    /** What every request must fulfil, also one for the style sheet or the login. */
    void requireOwnSite(HttpServerRequest request) {
        if (guard.isClosed()) {
            throw new Refused(403, "management.host is not a loopback address, so the page needs management.token, and it is not set.");
        }
        if (!guard.hasToken() && !guard.isThisMachine(request.authority())) {
            throw new Refused(403, "The Host header must name this machine: 127.0.0.1, [::1] or localhost.");
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !isOwn(origin, request.getHeader("Host"))) {
            throw new Refused(403, "Another web page asked for this.");
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none") && !isFollowedLink(request)) {
            throw new Refused(403, "Another web page asked for this.");
        }
    }

    /** Who comes by a link from elsewhere sees a page, and changes nothing. */
    private static boolean isFollowedLink(HttpServerRequest request) {
        return request.method().name().equals("GET") && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    }

    private static boolean isOwn(String origin, String host) {
        return host != null && (origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host));
    }

    /** @throws Refused when the form is none that this visitor got from us */
    static void requireOwnForm(Visitor visitor, String secret) {
        if (!Sessions.same(visitor.form(), secret)) {
            throw new Refused(403, "This form is from before the relay's last start, or not from this page. Go back, reload the page and try again.");
        }
    }

    /** Whether a login from there is looked at, or there were too many that failed. */
    boolean mayTry(HttpServerRequest request) {
        return sessions.mayTry(request.remoteAddress().hostAddress());
    }

    /** Looks at a login; the response gets the cookie when it is right. */
    boolean login(HttpServerRequest request, String token) {
        if (token == null || !guard.isSecret(token)) {
            sessions.failed(request.remoteAddress().hostAddress());
            return false;
        }
        request.response().addCookie(cookie(request, sessions.open()).setMaxAge(Sessions.LONGEST.toSeconds()));
        return true;
    }

    /** Ends the session, if there is one. */
    void logout(HttpServerRequest request) {
        request.cookies(cookieName(request)).forEach(cookie -> sessions.end(cookie.getValue()));
        request.response().addCookie(cookie(request, "").setMaxAge(0));
    }

    private static Cookie cookie(HttpServerRequest request, String value) {
        String origin = request.getHeader("Origin");
        return Cookie.cookie(cookieName(request), value).setPath("/").setHttpOnly(true).setSameSite(CookieSameSite.STRICT)
                .setSecure(origin != null && origin.startsWith("https:"));
    }

    /** Cookies are not told apart by port, and there may be two relays on a machine. */
    private static String cookieName(HttpServerRequest request) {
        return "smtpdup-" + request.localAddress().port();
    }
}
