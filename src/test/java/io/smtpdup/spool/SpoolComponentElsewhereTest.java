package io.smtpdup.spool;

import java.nio.file.Path;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.TestBroker;
import org.junit.jupiter.api.AfterEach;

/** The same of a broker elsewhere. */
class SpoolComponentElsewhereTest extends SpoolComponentTest {

    private TestBroker broker;

    @Override
    Spool spool(Path path) throws Exception {
        broker = TestBroker.on(FreePort.find(), path.resolve("broker")).start();
        return new Spool(path, SpoolDirectory.USUAL_RESERVE, new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD));
    }

    @Override
    void endAbruptly() {
        spool.mute("its connections are cut");
    }

    @AfterEach
    void stop() {
        broker.stop();
    }
}
