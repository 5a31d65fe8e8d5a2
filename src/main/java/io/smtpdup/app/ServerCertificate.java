package io.smtpdup.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;

import javax.net.ssl.KeyManagerFactory;

import de.dentrassi.crypto.pem.PemKeyStoreProvider;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;

/** Our key and certificate for STARTTLS, read from PEM files once, at the start. */
final class ServerCertificate {

    private ServerCertificate() {
    }

    /**
     * Reads a certificate, with the chain that may follow it, and its unencrypted key.
     *
     * @throws StartException when the files do not hold a matching pair
     */
    static SSLContextParameters load(Path certificate, Path key) {
        try {
            InputStream pem = new ByteArrayInputStream((text(certificate) + "\n" + text(key)).getBytes(ISO_8859_1));
            KeyStore store = KeyStore.getInstance("PEM", new PemKeyStoreProvider());
            store.load(pem, new char[0]);
            if (Collections.list(store.aliases()).stream().noneMatch(alias -> isKey(store, alias))) {
                throw new StartException("smtp.tls_key: no unencrypted private key for the certificate in " + key);
            }
            return parameters(store);
        } catch (GeneralSecurityException | IOException e) {
            throw new StartException("smtp.tls_certificate, smtp.tls_key: cannot use " + certificate + " and " + key + ": "
                    + e.getMessage());
        }
    }

    private static SSLContextParameters parameters(KeyStore store) throws GeneralSecurityException {
        // Tried here, so that a key that cannot be used stops the start and not the first handshake.
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).init(store, new char[0]);
        KeyStoreParameters keyStore = new KeyStoreParameters();
        keyStore.setKeyStore(store);
        KeyManagersParameters keys = new KeyManagersParameters();
        keys.setKeyStore(keyStore);
        keys.setKeyPassword("");
        SSLContextParameters parameters = new SSLContextParameters();
        parameters.setKeyManagers(keys);
        return parameters;
    }

    private static String text(Path pem) throws IOException {
        return Files.readString(pem, ISO_8859_1);
    }

    private static boolean isKey(KeyStore store, String alias) {
        try {
            return store.isKeyEntry(alias);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
