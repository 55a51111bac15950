package io.tsdash.bus;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of a bus within the process.
 *
 * @param partitions how many partitions, 1 to 1,024
 * @param publishTimeout how long a publisher waits for a full consumer
 * @param closeTimeout how long closing waits for consumers to finish
 */
public record BusOptions(int partitions, Duration publishTimeout, Duration closeTimeout) {
    private static final int PARTITIONS_MAX = 1_024;

    /** @throws ConfigurationException with everything that is wrong */
    public BusOptions {
        List<String> problems = new ArrayList<>();
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            problems.add("partitions was '" + partitions + "' but it must be from 1 to " + PARTITIONS_MAX);
        }
        if (publishTimeout.isNegative()) {
            problems.add("publishTimeout was '" + publishTimeout + "' but it must not be negative");
        }
        if (closeTimeout.isNegative()) {
            problems.add("closeTimeout was '" + closeTimeout + "' but it must not be negative");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns this many partitions, 10 s for publishers to wait and 5 s to close. */
    public static BusOptions partitions(int partitions) {
        return new BusOptions(partitions, Duration.ofSeconds(10), Duration.ofSeconds(5));
    }
}
