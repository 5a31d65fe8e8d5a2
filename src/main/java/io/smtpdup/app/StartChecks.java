package io.smtpdup.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import io.smtpdup.config.Settings;

/** What Camel takes without a word, and an operator would notice only when mail or metrics are missing. */
final class StartChecks {

    private StartChecks() {
    }

    /**
     * Looks whether the management server will get its port; Camel starts without one when it does not.
     *
     * @throws StartException when it is taken, or no address of this machine
     */
    static void requireManagementPort(Settings settings) {
        String place = settings.managementHost() + ":" + settings.managementPort();
        try (ServerSocket probe = new ServerSocket(
                settings.managementPort(), 1, InetAddress.getByName(settings.managementHost()))) {
            probe.getLocalPort();
        } catch (IOException e) {
            throw new StartException("management.port: cannot listen on " + place + ": " + e.getMessage());
        }
    }
}
