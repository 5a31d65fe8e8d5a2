package io.smtpdup.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What a client sends. Before it waits for more, the client gets the answers that we owe: it may be waiting for just those. */
final class SettlingInput extends FilterInputStream {

    private final ClientSession session;

    SettlingInput(InputStream in, ClientSession session) {
        super(in);
        this.session = session;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (session.owes() && in.available() == 0) {
            session.settle();
        }
        return in.read(buffer, offset, length);
    }
}
