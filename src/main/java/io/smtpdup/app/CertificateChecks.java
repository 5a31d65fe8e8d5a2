package io.smtpdup.app;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What may be wrong with a certificate, before a client finds it out. */
final class CertificateChecks {

    private static final int SHORTEST_RSA = 2048;

    private static final int SHORTEST_EC = 224;

    private CertificateChecks() {
    }

    /** Whether what the key signs the certificate's key confirms. */
    static boolean belong(PrivateKey key, X509Certificate certificate) {
        PublicKey other = certificate.getPublicKey();
        String algorithm = key instanceof RSAKey ? "SHA256withRSA" : key instanceof ECKey ? "SHA256withECDSA" : key.getAlgorithm();
        try {
            byte[] text = certificate.getEncoded();
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(other);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Why no client should take it; empty when there is nothing against it. */
    static Optional<String> problem(X509Certificate certificate, Instant now) {
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            return Optional.of("is not valid before " + certificate.getNotBefore().toInstant());
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            return Optional.of("has expired on " + certificate.getNotAfter().toInstant());
        }
        PublicKey key = certificate.getPublicKey();
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < SHORTEST_RSA) {
            return Optional.of("is too weak: RSA with " + rsa.getModulus().bitLength() + " bits, and it must be 2048 or more");
        }
        if (key instanceof ECKey ec && ec.getParams().getOrder().bitLength() < SHORTEST_EC) {
            return Optional.of("is too weak: an elliptic curve of " + ec.getParams().getOrder().bitLength() + " bits");
        }
        String signed = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (!isSelfSigned(certificate) && (signed.startsWith("MD") || signed.startsWith("SHA1"))) {
            return Optional.of("is too weak: signed with " + certificate.getSigAlgName());
        }
        return Optional.empty();
    }

    /** The certificate and those of its issuers that are at hand, each followed by its issuer. */
    static List<X509Certificate> chain(X509Certificate own, List<X509Certificate> atHand) {
        List<X509Certificate> chain = new ArrayList<>(List.of(own));
        while (true) {
            X509Certificate last = chain.get(chain.size() - 1);
            Optional<X509Certificate> issuer = isSelfSigned(last) ? Optional.empty() : atHand.stream()
                    .filter(one -> !chain.contains(one) && one.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                    .findFirst();
            if (issuer.isEmpty()) {
                return chain;
            }
            chain.add(issuer.get());
        }
    }

    /** That the server's certificate comes alone, without the intermediate one that clients need; empty when all is well. */
    static Optional<String> gap(List<X509Certificate> chain) {
        X509Certificate own = chain.get(0);
        return chain.size() > 1 || isSelfSigned(own) || isKnown(own) ? Optional.empty() : Optional.of(
                "has no certificate of the issuer (" + own.getIssuerX500Principal() + "): unless clients know it"
                        + " already, those that look will refuse ours; add the chain behind it");
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** Whether the issuer is one of the roots that Java brings along. */
    private static boolean isKnown(X509Certificate certificate) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager trust && Arrays.stream(trust.getAcceptedIssuers())
                        .anyMatch(root -> root.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))) {
                    return true;
                }
            }
        } catch (GeneralSecurityException e) {
            return false;
        }
        return false;
    }
}
