package io.smtpdup.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.Recipient;

/**
 * The recipients of a mail as they lie at the beginning of its message's body. Each text has its length in front, so that no
 * octet of it can be taken for its end.
 */
final class RecipientList {

    /** In place of the length of a text that is not there. */
    private static final int ABSENT = -1;

    private RecipientList() {
    }

    /** @param withDsn whether NOTIFY and ORCPT follow each address; without them a relay of version 0.1.0 can read it */
    static byte[] write(List<Recipient> recipients, boolean withDsn) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        for (Recipient recipient : recipients) {
            write(recipient.address(), out);
            if (withDsn) {
                write(recipient.notifyOn(), out);
                write(recipient.orcpt(), out);
            }
        }
        return octets.toByteArray();
    }

    static List<Recipient> read(byte[] octets, boolean withDsn) throws IOException {
        List<Recipient> recipients = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
        while (in.available() > 0) {
            String address = read(in);
            if (address == null) {
                throw new IOException("a recipient has no address");
            }
            recipients.add(withDsn ? new Recipient(address, read(in), read(in)) : new Recipient(address));
        }
        return recipients;
    }

    private static void write(String text, DataOutputStream out) throws IOException {
        if (text == null) {
            out.writeInt(ABSENT);
            return;
        }
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(octets.length);
        out.write(octets);
    }

    private static String read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == ABSENT) {
            return null;
        }
        if (length < 0 || length > in.available()) {
            throw new IOException("the list of recipients is damaged");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
