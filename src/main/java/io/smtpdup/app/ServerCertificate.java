package io.smtpdup.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import de.dentrassi.crypto.pem.PemKeyStoreProvider;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;

/** Our key and certificate for STARTTLS, read from PEM files once, at the start; in there they fit together and are valid. */
final class ServerCertificate {

    /** From so long before its end on an operator hears of it. */
    static final Duration SOON = Duration.ofDays(30);

    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \\1-----", Pattern.DOTALL);

    private static final String CERTIFICATE = "smtp.tls_certificate: ";

    private static final String KEY = "smtp.tls_key: ";

    private final Path file;

    private final List<X509Certificate> chain;

    private final PrivateKey key;

    private ServerCertificate(Path file, List<X509Certificate> chain, PrivateKey key) {
        this.file = file;
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads a certificate, with the chain that may follow it, and its unencrypted key.
     *
     * @param now at which it must be valid
     * @throws StartException when the files do not hold a matching pair that a client could take
     */
    static ServerCertificate load(Path certificate, Path key, Instant now) {
        try {
            List<X509Certificate> certificates = certificates(certificate);
            PrivateKey privateKey = privateKey(key, certificates.get(0));
            X509Certificate own = certificates.stream().filter(one -> CertificateChecks.belong(privateKey, one)).findFirst()
                    .orElseThrow(() -> new StartException(KEY + "the key in " + key + " is not that of the certificate in "
                            + certificate + " (" + certificates.get(0).getSubjectX500Principal() + ")"));
            CertificateChecks.problem(own, now).ifPresent(problem -> {
                throw new StartException(CERTIFICATE + "the certificate in " + certificate + " " + problem);
            });
            return new ServerCertificate(certificate, CertificateChecks.chain(own, certificates), privateKey);
        } catch (IOException e) {
            throw new StartException("smtp.tls_certificate, smtp.tls_key: cannot read " + e.getMessage());
        }
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (String block : blocks(file, type -> type.endsWith("CERTIFICATE"), CERTIFICATE, "certificate")) {
            try {
                certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.getBytes(ISO_8859_1))));
            } catch (GeneralSecurityException e) {
                throw new StartException(CERTIFICATE + "a certificate in " + file + " cannot be read: " + e.getMessage());
            }
        }
        return certificates;
    }

    private static PrivateKey privateKey(Path file, X509Certificate any) throws IOException {
        String block = blocks(file, type -> type.endsWith("PRIVATE KEY"), KEY, "private key").get(0);
        if (block.contains("ENCRYPTED")) {
            throw new StartException(KEY + "the key in " + file + " has a password; write it without one: openssl pkey -in "
                    + file + " -out key.pem");
        }
        try {
            String pem = "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(any.getEncoded())
                    + "\n-----END CERTIFICATE-----\n" + block + "\n";
            KeyStore store = KeyStore.getInstance("PEM", new PemKeyStoreProvider());
            store.load(new ByteArrayInputStream(pem.getBytes(ISO_8859_1)), new char[0]);
            for (String alias : Collections.list(store.aliases())) {
                if (store.getKey(alias, new char[0]) instanceof PrivateKey found) {
                    return found;
                }
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new StartException(KEY + "the key in " + file + " cannot be read: " + e.getMessage());
        }
        throw new StartException(KEY + "the key in " + file + " has a form that is not known here; write it anew: openssl pkey -in "
                + file + " -out key.pem");
    }

    /** The PEM blocks of a kind, at least one. */
    private static List<String> blocks(
            Path file, Predicate<String> kind, String setting, String name) throws IOException {
        List<MatchResult> all = PEM.matcher(Files.readString(file, ISO_8859_1)).results().toList();
        List<String> wanted = all.stream().filter(block -> kind.test(block.group(1))).map(MatchResult::group).toList();
        if (wanted.isEmpty()) {
            String instead = all.isEmpty() ? "it is not a PEM file" : "it holds a " + all.get(0).group(1);
            throw new StartException(setting + "no " + name + " in " + file + ": " + instead);
        }
        return wanted;
    }

    /** For an smtp-server endpoint. */
    SSLContextParameters parameters() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], chain.toArray(Certificate[]::new));
            KeyStoreParameters keyStore = new KeyStoreParameters();
            keyStore.setKeyStore(store);
            KeyManagersParameters keys = new KeyManagersParameters();
            keys.setKeyStore(keyStore);
            keys.setKeyPassword("");
            SSLContextParameters parameters = new SSLContextParameters();
            parameters.setKeyManagers(keys);
            return parameters;
        } catch (GeneralSecurityException | IOException e) {
            throw new StartException(CERTIFICATE + "cannot use " + file + ": " + e.getMessage());
        }
    }

    /** When clients that look at it begin to refuse it: the first end in the chain. */
    Instant end() {
        return chain.stream().map(one -> one.getNotAfter().toInstant()).min(Instant::compareTo).orElseThrow();
    }

    /** That it ends soon, or has ended; empty when neither. */
    Optional<String> ending(Instant now) {
        if (!end().isBefore(now.plus(SOON))) {
            return Optional.empty();
        }
        return Optional.of(CERTIFICATE + (now.isBefore(end())
                ? "the certificate in " + file + " ends on " + end() + ", in " + Duration.between(now, end()).toDays()
                        + " days; put a new one there and restart"
                : "the certificate that was in " + file + " has ended on " + end() + "; clients that look at it send no more mail"));
    }

    /** What clients that look at it may not like about the chain; empty when there is nothing. */
    Optional<String> gap() {
        return CertificateChecks.gap(chain).map(gap -> CERTIFICATE + file + " " + gap);
    }
}
