package io.smtpdup.delivery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.RealmChoiceCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;

import io.smtpdup.message.Reply;
import jakarta.mail.PasswordAuthentication;

/**
 * Logs in at a server (RFC 4954), with the first mechanism that it offers of those in {@code mail.smtp.auth.mechanisms}. If nothing is
 * set these are LOGIN, PLAIN, DIGEST-MD5, NTLM, in this order and but for those of which {@code mail.smtp.auth.login.disable} and so
 * on is true; XOAUTH2, whose password is the token, where that is false. What a server says to a login is in no message, because it
 * may say back what it was told.
 */
final class Login {

    private static final String[] USUAL = {"LOGIN", "PLAIN", "DIGEST-MD5", "NTLM", "XOAUTH2"};

    /** As many challenges as no mechanism needs. */
    private static final int MOST_CHALLENGES = 5;

    private final Wire wire;
    private final MailServer destination;
    private final String user;
    private final String password;

    Login(Wire wire, MailServer destination, PasswordAuthentication credentials) {
        this.wire = wire;
        this.destination = destination;
        this.user = credentials.getUserName();
        this.password = credentials.getPassword() == null ? "" : credentials.getPassword();
    }

    /** What one mechanism says. */
    private interface Mechanism {

        /** What goes along with AUTH; null for nothing. */
        byte[] first() throws IOException;

        byte[] answer(byte[] challenge) throws IOException;

        default boolean isDone() {
            return true;
        }
    }

    /** @param offered the mechanisms that the server announces, with blanks between */
    void run(String offered) throws SessionException {
        List<String> wanted = mechanisms();
        List<String> theirs = List.of(offered.toUpperCase(Locale.ROOT).split("\\s+"));
        String name = wanted.stream().filter(theirs::contains).findFirst()
                .orElseThrow(() -> new SessionException("authentication failed: the server offers none of " + wanted, null, false, false));
        try {
            Mechanism mechanism = mechanism(name);
            byte[] first = mechanism.first();
            Reply reply = say("AUTH " + name + (first == null ? "" : first.length == 0 ? " =" : " " + encoded(first)));
            for (int i = 0; i < MOST_CHALLENGES && reply.code() == 334; i++) {
                reply = say(encoded(mechanism.answer(Base64.getDecoder().decode(wire.lastText().strip()))));
            }
            if (reply.code() != 235 || !mechanism.isDone()) {
                throw new SessionException("authentication failed, reply code " + reply.code(), null, false, reply.isPermanentNegative());
            }
        } catch (NoReplyException | IllegalArgumentException e) {
            throw new SessionException("authentication failed: no clear answer", null, false, false);
        } catch (IOException e) {
            throw new SessionException("authentication failed: " + Failures.explain(e), e, false, false);
        }
    }

    private Reply say(String line) throws IOException {
        wire.say(line, destination.limits().command());
        return wire.hear(destination.limits().command());
    }

    private List<String> mechanisms() {
        String set = destination.property("auth.mechanisms");
        return set != null ? List.of(set.toUpperCase(Locale.ROOT).split("[\\s,]+")) : Arrays.stream(USUAL).filter(name -> {
            String disabled = destination.property("auth." + name.toLowerCase(Locale.ROOT) + ".disable");
            return disabled == null ? !name.equals("XOAUTH2") : !Boolean.parseBoolean(disabled);
        }).toList();
    }

    private Mechanism mechanism(String name) throws IOException {
        return switch (name) {
            case "LOGIN" -> new Words(null, octets(user), octets(password));
            case "XOAUTH2" -> new Words(octets("user=" + user + "\1auth=Bearer " + password + "\1\1"));
            default -> new Standard(name);
        };
    }

    /** One word after the other, whatever the challenge is; nothing when there is none left, as in answer to XOAUTH2's error. */
    private static final class Words implements Mechanism {

        private final byte[][] words;
        private int next = 1;

        Words(byte[]... words) {
            this.words = words;
        }

        @Override
        public byte[] first() {
            return words[0];
        }

        @Override
        public byte[] answer(byte[] challenge) {
            return next < words.length ? words[next++] : new byte[0];
        }
    }

    /** One of those that the JDK knows. */
    private final class Standard implements Mechanism {

        private final SaslClient client;

        Standard(String name) throws IOException {
            String other = destination.property("sasl.authorizationid");
            client = Sasl.createSaslClient(new String[] {name}, other == null ? user : other, "smtp", destination.host(), Map.of(),
                    this::fill);
            if (client == null) {
                throw new IOException("nobody here knows " + name);
            }
        }

        @Override
        public byte[] first() throws IOException {
            return client.hasInitialResponse() ? client.evaluateChallenge(new byte[0]) : null;
        }

        @Override
        public byte[] answer(byte[] challenge) throws IOException {
            byte[] answer = client.evaluateChallenge(challenge);
            return answer == null ? new byte[0] : answer;
        }

        @Override
        public boolean isDone() {
            return client.isComplete();
        }

        private void fill(Callback... callbacks) {
            String realm = destination.property("sasl.realm");
            String domain = realm == null ? destination.property("auth.ntlm.domain") : realm;
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback name) {
                    name.setName(user);
                } else if (callback instanceof PasswordCallback secret) {
                    secret.setPassword(password.toCharArray());
                } else if (callback instanceof RealmCallback one) {
                    one.setText(domain == null ? one.getDefaultText() : domain);
                } else if (callback instanceof RealmChoiceCallback choice) {
                    choice.setSelectedIndex(choice.getDefaultChoice());
                }
            }
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
