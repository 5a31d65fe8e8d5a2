package io.smtpdup.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * What one reply may cost: time and octets. A plain socket timeout starts again with every octet, so a peer that drips
 * one octet a second would hold a client for ever; here the whole reply has one deadline.
 */
final class ReplyBudget {

    static final int REPLY_OCTETS = 64 * 1024;

    /** A handshake is one reply too; certificate chains and lists of authorities may be long. */
    static final int HANDSHAKE_OCTETS = 1024 * 1024;

    private volatile Duration limit;
    private volatile long deadline;
    private volatile long end;
    private volatile boolean bounded;
    private volatile int octetsLeft;
    private volatile boolean patient = true;
    private volatile boolean atTheEnd;

    /** @param limit for each reply and for each write, until {@link #allow} says another */
    ReplyBudget(Duration limit) {
        this.limit = limit;
        expectReply();
    }

    /** From now on this is the limit for each reply, and for each write. */
    void allow(Duration next) {
        limit = next;
    }

    /** What comes from now on takes no longer than this, all in all, whatever each part of it may take. */
    void bound(Duration all) {
        end = System.nanoTime() + all.toNanos();
        bounded = true;
    }

    /** Ends {@link #bound}. */
    void unbound() {
        bounded = false;
    }

    /** What a reply, or a write, that begins now may take. */
    Duration limit() {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        return bounded && left.compareTo(limit) < 0 ? left : limit;
    }

    /** A command is about to be answered. */
    void expectReply() {
        start(REPLY_OCTETS);
    }

    /** No reply is due: until the next one is, reading takes what has arrived and waits for nothing more. */
    void expectNothing() {
        expectReply();
        patient = false;
    }

    /** As {@link #expectNothing}, but reading waits a moment, in which the end of the connection shows. */
    void expectTheEnd() {
        expectNothing();
        atTheEnd = true;
    }

    /** Whether a read may wait a moment for the end of the connection. */
    boolean isAtTheEnd() {
        return atTheEnd;
    }

    /** Whether a read may wait for octets that are still on their way. */
    boolean isPatient() {
        return patient;
    }

    /** A TLS handshake is about to begin. */
    void expectHandshake() {
        start(HANDSHAKE_OCTETS);
    }

    /** The time left, in milliseconds, at least 1: zero would mean for ever to a socket. */
    int remainingMillis() throws SocketTimeoutException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no complete reply within " + inSeconds(limit));
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    void spend(int octets) throws IOException {
        octetsLeft -= octets;
        if (octetsLeft < 0) {
            throw new EndlessReplyException();
        }
    }

    /** For the log. */
    static String inSeconds(Duration time) {
        return time.toMillis() / 1000.0 + " s";
    }

    private void start(int octets) {
        deadline = System.nanoTime() + limit().toNanos();
        octetsLeft = octets;
        patient = true;
        atTheEnd = false;
    }

    /** The peer sent more than any reply has. */
    static final class EndlessReplyException extends IOException {
        EndlessReplyException() {
            super("the reply has no end");
        }
    }
}
