package io.smtpdup.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key and its self-signed certificate, made by the JDK's own keytool when a test first asks, and what both sides of a
 * TLS connection make of them.
 */
public final class TestCertificates {

    /** The password of every store in here, and of the key in it. */
    public static final String PASSWORD = "changeit";

    private static final String ALIAS = "server";

    /** Where a certificate and its key lie as PEM: X.509, and PKCS#8 without a password. */
    public record Pem(Path certificate, Path key) {}

    private static final class Localhost {
        static final TestCertificates INSTANCE = new TestCertificates("localhost", "dns:localhost,ip:127.0.0.1", USUAL);
    }

    private final KeyStore keys;

    private static final String[] USUAL = {"-keyalg", "RSA", "-keysize", "2048", "-startdate", "-1d", "-validity", "90"};

    private TestCertificates(String name, String alternativeNames, String... options) {
        try {
            Path directory = Files.createTempDirectory("test-certificates");
            Path file = directory.resolve("keys.p12");
            try {
                generate(file, name, alternativeNames, options);
                keys = load(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For localhost and 127.0.0.1; the same one throughout the JVM. */
    public static TestCertificates localhost() {
        return Localhost.INSTANCE;
    }

    /** For another host, made anew: for servers that are not who they should be. */
    public static TestCertificates of(String host) {
        return new TestCertificates(host, "dns:" + host, USUAL);
    }

    /** One that is made as these options of keytool's say, {@code -keyalg}, {@code -keysize}, {@code -startdate}, {@code -validity}. */
    public static TestCertificates made(String... options) {
        return new TestCertificates("localhost", "dns:localhost", options);
    }

    /** The server's side. */
    public SSLContext serverContext() {
        return context(keyManagers(), null);
    }

    /** A client's side that trusts this certificate and no other. */
    public SSLContext trustingContext() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trustStore());
            return context(null, factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client's side that trusts everybody. */
    public static SSLContext trustAllContext() {
        return context(null, new TrustManager[] {new TrustingManager()});
    }

    /** Writes {@code cert.pem} and {@code key.pem}. */
    public Pem writePem(Path directory) throws IOException {
        try {
            Pem pem = new Pem(directory.resolve("cert.pem"), directory.resolve("key.pem"));
            write(pem.certificate, "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
            write(pem.key, "PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
            return pem;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes {@code keys.p12}: key and certificate as a PKCS#12 store. */
    public Path writeKeyStore(Path directory) throws IOException {
        return write(directory.resolve("keys.p12"), keys);
    }

    /** Writes {@code trusted.p12}: the certificate alone, as a client's trust store. */
    public Path writeTrustStore(Path directory) throws IOException {
        try {
            return write(directory.resolve("trusted.p12"), trustStore());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void generate(Path file, String name, String alternativeNames, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", ALIAS,
                "-dname", "CN=" + name, "-ext", "SAN=" + alternativeNames,
                "-storetype", "PKCS12", "-keystore", file.toString(),
                "-storepass", PASSWORD));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool works", e);
        }
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private KeyStore trustStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
        return store;
    }

    private KeyManager[] keyManagers() {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, PASSWORD.toCharArray());
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(KeyManager[] keyManagers, TrustManager[] trustManagers) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers, trustManagers, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path write(Path file, KeyStore store) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
            return file;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
    }
}
