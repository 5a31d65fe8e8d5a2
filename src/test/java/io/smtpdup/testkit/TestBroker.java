package io.smtpdup.testkit;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager;

/**
 * An Artemis broker as somebody else runs it: on a TCP port, with a user and a password, and with the settings that Artemis
 * has by default. In this process, but nothing of ours knows that. It can be stopped and started again on the same port.
 */
public final class TestBroker implements AutoCloseable {

    public static final String USER = "relay";

    public static final String PASSWORD = "s3cret+word";

    private final Path directory;

    private final int port;

    private final boolean manageable;

    private ActiveMQServerImpl server;

    private TestBroker(Path directory, int port, boolean manageable) {
        this.directory = directory;
        this.port = port;
        this.manageable = manageable;
    }

    /** Not started yet. */
    public static TestBroker on(int port, Path directory) {
        return new TestBroker(directory, port, true);
    }

    /** As {@link #on}, but {@link #USER} may not manage it. */
    public static TestBroker withoutManagementOn(int port, Path directory) {
        return new TestBroker(directory, port, false);
    }

    public TestBroker start() {
        try {
            Configuration configuration = new ConfigurationImpl()
                    .setPersistenceEnabled(true)
                    .setJournalType(JournalType.NIO)
                    .setJournalDirectory(directory.resolve("journal").toString())
                    .setBindingsDirectory(directory.resolve("bindings").toString())
                    .setLargeMessagesDirectory(directory.resolve("large").toString())
                    .setPagingDirectory(directory.resolve("paging").toString())
                    .setJMXManagementEnabled(false)
                    .setMaxDiskUsage(-1)
                    .setSecurityInvalidationInterval(0)
                    .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port)
                    .addAddressSetting("#", new AddressSettings().setDeadLetterAddress(SimpleString.of("DLQ")));
            server = new ActiveMQServerImpl(configuration, null, new OneUser(manageable));
            server.getConfiguration().putSecurityRoles("#", Set.of(new Role("anybody", true, true, true, true, true, true, true,
                    true, true, true, false, false)));
            AtomicReference<Exception> trouble = new AtomicReference<>();
            server.registerActivationFailureListener(trouble::set);
            server.start(); // which only logs that it cannot listen on its port
            if (trouble.get() != null) {
                throw trouble.get();
            }
            return this;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /** Null when there is none. */
    public Queue queue(String name) {
        return server.locateQueue(SimpleString.of(name));
    }

    public AddressSettings settings(String address) {
        return server.getAddressSettingsRepository().getMatch(address);
    }

    public ActiveMQServerImpl server() {
        return server;
    }

    @Override
    public void close() {
        if (server != null) {
            stop();
        }
    }

    private record OneUser(boolean manageable) implements ActiveMQSecurityManager {

        @Override
        public boolean validateUser(String user, String password) {
            return USER.equals(user) && PASSWORD.equals(password);
        }

        @Override
        public boolean validateUserAndRole(String user, String password, Set<Role> roles, CheckType permission) {
            return validateUser(user, password) && (manageable || permission != CheckType.MANAGE);
        }
    }
}
