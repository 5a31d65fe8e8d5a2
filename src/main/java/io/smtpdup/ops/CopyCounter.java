package io.smtpdup.ops;

import java.util.Locale;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/** What is counted of the copies for each backup. */
public enum CopyCounter {

    QUEUED("Copies stored on disk for a backup"),
    LOST("Copies that could not be stored, so their backup will not get them"),
    DEAD("Copies that became dead letters"),
    DAMAGED("Copies that were set aside because they were damaged");

    private final String description;

    CopyCounter(String description) {
        this.description = description;
    }

    /** The counter of one backup, made when it is not there. */
    public Counter of(String destination, MeterRegistry meters) {
        return Counter.builder("smtpdup.copies." + name().toLowerCase(Locale.ROOT)).description(description)
                .tag("destination", destination).register(meters);
    }

    /** One more, where somebody measures. */
    public void count(String destination, @Nullable MeterRegistry meters) {
        if (meters != null) {
            of(destination, meters).increment();
        }
    }
}
