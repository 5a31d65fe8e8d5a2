package io.smtpdup.delivery;

import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.smtpdup.message.Extensions;

/**
 * What a server has shown of itself when a connection was opened: its own words, of any length and shape.
 *
 * @param at when that was
 * @param name as in its greeting and its reply to EHLO
 * @param extensions announced in its last reply to EHLO, behind STARTTLS where that was used, but for what is discarded
 * @param tls the version; null when the connection has none
 * @param certificate whose it is; null without TLS
 * @param certificateEnd until when it is good; null without TLS
 */
public record ServerFacts(Instant at, String name, Extensions extensions, String tls, String certificate, Instant certificateEnd) {

    /** @param session null without TLS */
    static ServerFacts of(Instant at, String name, Extensions extensions, SSLSession session) {
        if (session == null) {
            return new ServerFacts(at, name, extensions, null, null, null);
        }
        try {
            if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                return new ServerFacts(at, name, extensions, session.getProtocol(), certificate.getSubjectX500Principal().getName(),
                        certificate.getNotAfter().toInstant());
            }
        } catch (SSLPeerUnverifiedException e) {
            // a cipher suite without certificates
        }
        return new ServerFacts(at, name, extensions, session.getProtocol(), null, null);
    }
}
