package io.smtpdup.ops;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second whether memory has run out in any thread, whoever has caught the error and gone on without what he
 * wanted: the JVM counts. {@code -XX:+ExitOnOutOfMemoryError} does the same at once, but is an option that only who starts
 * the JVM can give. A process that does nothing any more but look for memory has run out of it as well.
 */
public final class HeapWatch {

    private static final long INTERVAL_MILLIS = 1000;

    /** In what the JVM tells of itself; absent while there was none. */
    private static final Pattern COUNTED = Pattern.compile("^OutOfMemoryError \\w+_errors=", Pattern.MULTILINE);

    /** So many looks in a row at which there was nothing but collecting. */
    private static final int NOTHING_ELSE = 20;

    private static final double ALL_OF_THE_TIME = 0.9;

    private static final double ALL_OF_THE_HEAP = 0.9;

    private static final Logger LOG = LoggerFactory.getLogger(HeapWatch.class);

    private final MBeanServer jvm = ManagementFactory.getPlatformMBeanServer();

    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();

    private long collections;

    private long collecting;

    private long looked = System.nanoTime();

    private int nothingElse;

    private HeapWatch() {
    }

    /** Begins; an {@link Emergency} is what it finds. */
    @SuppressWarnings("ThreadPriorityCheck") // it must get its turn when memory is short
    public static void start() {
        Thread thread = new Thread(new HeapWatch()::run, "heap-watch");
        thread.setDaemon(true);
        thread.setPriority(Thread.MAX_PRIORITY);
        thread.start();
    }

    private void run() {
        try {
            ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
            while (true) {
                Thread.sleep(INTERVAL_MILLIS);
                if (doesNothingElse() || hasCollected() && hasRunOut(commands)) {
                    Emergency.outOfMemory();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (JMException | RuntimeException | Error e) {
            Emergency.consider(e);
            LOG.warn("this Java does not report low memory: {}", e.toString());
        }
    }

    /** Memory does not run out before the collector has looked for some. */
    private boolean hasCollected() {
        long before = collections;
        collections = collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
        return collections != before;
    }

    private boolean doesNothingElse() {
        long collectingBefore = collecting;
        long lookedBefore = looked;
        collecting = collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
        looked = System.nanoTime();
        Runtime heap = Runtime.getRuntime();
        boolean full = heap.totalMemory() - heap.freeMemory() > ALL_OF_THE_HEAP * heap.maxMemory();
        boolean busy = TimeUnit.MILLISECONDS.toNanos(collecting - collectingBefore) > ALL_OF_THE_TIME * (looked - lookedBefore);
        nothingElse = full && busy ? nothingElse + 1 : 0;
        return nothingElse >= NOTHING_ELSE;
    }

    private boolean hasRunOut(ObjectName commands) throws JMException {
        return COUNTED.matcher((String) jvm.invoke(commands, "vmInfo", new Object[0], new String[0])).find();
    }
}
