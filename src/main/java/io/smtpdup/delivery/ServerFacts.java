package io.smtpdup.delivery;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
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

    private static final Integer DNS_NAME = 2;

    private static final int SHOWN = 5;

    /** @param session null without TLS */
    static ServerFacts of(Instant at, String name, Extensions extensions, SSLSession session) {
        if (session == null) {
            return new ServerFacts(at, name, extensions, null, null, null);
        }
        try {
            if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                return new ServerFacts(at, name, extensions, session.getProtocol(), owner(certificate),
                        certificate.getNotAfter().toInstant());
            }
        } catch (SSLPeerUnverifiedException e) {
            // a cipher suite without certificates
        }
        return new ServerFacts(at, name, extensions, session.getProtocol(), null, null);
    }

    /** Not every certificate has a subject, since names of hosts have a place of their own (RFC 5280 section 4.1.2.6). */
    private static String owner(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        if (!subject.isEmpty()) {
            return subject;
        }
        try {
            Collection<List<?>> others = certificate.getSubjectAlternativeNames();
            return others == null ? "" : others.stream().filter(other -> other.get(0).equals(DNS_NAME)).limit(SHOWN)
                    .map(other -> String.valueOf(other.get(1))).collect(Collectors.joining(" "));
        } catch (CertificateParsingException e) {
            return "";
        }
    }
}
