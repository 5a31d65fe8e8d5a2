package io.smtpdup.app;

import java.util.List;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.smtpdup.ops.QueuedAppender;
import io.smtpdup.spool.Spool;

/** What the metrics show of the process and of the room that it has: memory, threads, files, processor, the spool's disk. */
final class ProcessMeters implements AutoCloseable {

    private final JvmGcMetrics collections = new JvmGcMetrics();

    void bindTo(MeterRegistry meters, Spool spool) {
        List<MeterBinder> binders = List.of(new JvmMemoryMetrics(), collections, new JvmThreadMetrics(), new ClassLoaderMetrics(),
                new ProcessorMetrics(), new UptimeMetrics(), new FileDescriptorMetrics());
        binders.forEach(binder -> binder.bindTo(meters));
        gauge(meters, spool, "smtpdup.spool.free.bytes", "Free octets on the disk of spool.directory", Spool::freeBytes);
        gauge(meters, spool, "smtpdup.spool.disk.bytes", "Size of the disk of spool.directory, in octets", Spool::diskBytes);
        gauge(meters, spool, "smtpdup.spool.usable", "1 while copies can be stored, 0 while they are lost",
                one -> one.isOpen() ? 1 : 0);
        FunctionCounter.builder("smtpdup.log.lines.lost", spool, unused -> QueuedAppender.lost())
                .description("Log lines that were lost because nobody took them").register(meters);
    }

    private static void gauge(
            MeterRegistry meters, Spool spool, String name, String description, ToDoubleFunction<Spool> value) {
        Gauge.builder(name, spool, value).description(description).strongReference(true).register(meters);
    }

    @Override
    public void close() {
        collections.close();
    }
}
