package io.smtpdup.agreement;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.smtpdup.message.PrivateFiles;

/**
 * What this installation makes of addresses, by HMAC-SHA256 with a key of its own: the same address is the same row in each
 * store of this installation, and nobody without the key can find out whose it is by trying. Not safe for use by several threads.
 */
final class AddressKey {

    static final String FILE = "key";

    private static final int KEY_LENGTH = 32;

    private static final int SHOWN_DIGITS = 12;

    private final Mac mac;

    private final Addresses mode;

    private AddressKey(byte[] key, Addresses mode) throws GeneralSecurityException {
        mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        this.mode = mode;
    }

    /** 96 bits of an address: enough for a million of them never to be mistaken for each other. */
    record Row(long high, int low) {
    }

    /** Reads the key of a directory, or makes it. */
    static AddressKey open(Path directory, Addresses mode) throws IOException {
        Path file = directory.resolve(FILE);
        try {
            if (Files.notExists(file)) {
                byte[] key = new byte[KEY_LENGTH];
                new SecureRandom().nextBytes(key);
                PrivateFiles.write(file, out -> out.write(HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII)));
                PrivateFiles.sync(directory);
            }
            byte[] key = HexFormat.of().parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip());
            if (key.length != KEY_LENGTH) {
                throw new IOException("the key has " + key.length + " octets instead of " + KEY_LENGTH);
            }
            return new AddressKey(key, mode);
        } catch (IllegalArgumentException e) {
            throw new IOException("the key is not hexadecimal", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("HMAC-SHA256 is missing", e);
        }
    }

    Row row(String address) {
        ByteBuffer hash = hash(address);
        return new Row(hash.getLong(), hash.getInt());
    }

    /** A recipient as reports show it. */
    String recipient(String address) {
        return switch (mode) {
            case PLAIN -> address;
            case HASHED -> hashedRecipient(address);
            case NONE -> "";
        };
    }

    /** A sender as reports show it: its domain may be a person's. */
    String sender(String address) {
        return switch (mode) {
            case PLAIN -> address;
            case HASHED -> address.isEmpty() ? "" : hashed(address);
            case NONE -> "";
        };
    }

    /** An address in each form in which reports show it, in lower case: as it was kept may have been another setting. */
    record Forms(Set<String> senders, Set<String> recipients) {

        boolean isSender(String shown) {
            return senders.contains(shown.toLowerCase(Locale.ROOT));
        }

        boolean isRecipient(String shown) {
            return recipients.contains(shown.toLowerCase(Locale.ROOT));
        }
    }

    Forms forms(String address) {
        if (address.isEmpty()) {
            return new Forms(Set.of(), Set.of());
        }
        String plain = address.toLowerCase(Locale.ROOT);
        return new Forms(Set.of(plain, hashed(address)), Set.of(plain, hashedRecipient(address)));
    }

    private String hashedRecipient(String address) {
        return hashed(address) + address.substring(Math.max(0, address.lastIndexOf('@'))).toLowerCase(Locale.ROOT);
    }

    private String hashed(String address) {
        byte[] hash = hash(address).array();
        return "#" + HexFormat.of().formatHex(hash, 0, SHOWN_DIGITS / 2);
    }

    /** Upper and lower case are the same mailbox nearly everywhere. */
    private ByteBuffer hash(String address) {
        return ByteBuffer.wrap(mac.doFinal(address.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)));
    }
}
