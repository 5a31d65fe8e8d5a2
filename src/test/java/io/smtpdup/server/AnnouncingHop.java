package io.smtpdup.server;

import java.util.Map;
import java.util.Optional;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/** A next hop that announces what a test wants and takes every sender and recipient. A route may make one as a bean. */
public final class AnnouncingHop implements NextHop {

    private volatile Extensions extensions;

    private volatile Reply toData;

    /** One that can do everything. */
    public AnnouncingHop() {
        announce(Map.of("SIZE", "", "8BITMIME", "", "SMTPUTF8", "", "DSN", ""));
    }

    /** Announces these from now on. */
    AnnouncingHop announce(Map<String, String> keywords) {
        extensions = new Extensions(keywords);
        return this;
    }

    /** Has its reply to DATA there before anybody asks. */
    AnnouncingHop answeringData(Reply reply) {
        toData = reply;
        return this;
    }

    /** Has never been reached. */
    AnnouncingHop unknown() {
        extensions = null;
        return this;
    }

    @Override
    public Optional<Extensions> extensions() {
        return Optional.ofNullable(extensions);
    }

    @Override
    public Conversation begin(Envelope mail, long size, ClientIdentity client) {
        return new Conversation() {
            @Override
            public Reply mailReply() {
                return Reply.of(250, "2.1.0", "Ok");
            }

            @Override
            public void ask(Recipient recipient) {
                // everyone is welcome
            }

            @Override
            public Reply nextReply() {
                return Reply.of(250, "2.1.5", "Ok");
            }

            @Override
            public boolean askForContent() {
                return toData != null;
            }

            @Override
            public boolean hasContentReply() {
                return true;
            }

            @Override
            public Reply contentReply() {
                return toData;
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }
}
