package io.tsdash.relay;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of a node.
 *
 * @param node its name for people
 * @param renewEvery how often the lease is renewed, or asked for; a quarter of what it lasts, or less
 * @param pace how long after a cut the next one is taken, so that small changes travel together
 * @param snapshotAfter a snapshot is written after so many entries; the log must keep more than twice as many
 * @param waitingBytesMax how much may wait for a log that is away; beyond that a new epoch begins once it is back
 * @param staleAfter how long nothing may come before this node says that it is stale
 */
public record RelaySettings(
        String node, Duration renewEvery, Duration pace, int snapshotAfter, long waitingBytesMax, Duration staleAfter) {
    private static final long WAITING_BYTES_MAX = 32L << 20;

    /** @throws ConfigurationException with everything that is wrong */
    public RelaySettings {
        List<String> problems = new ArrayList<>();
        if (node.isBlank()) {
            problems.add("node was '" + node + "' but it must have a name");
        }
        positive(problems, "renewEvery", renewEvery);
        positive(problems, "pace", pace);
        positive(problems, "staleAfter", staleAfter);
        if (snapshotAfter < 1) {
            problems.add("snapshotAfter was '" + snapshotAfter + "' but it must be at least 1");
        }
        if (waitingBytesMax < 1) {
            problems.add("waitingBytesMax was '" + waitingBytesMax + "' but it must be at least 1");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /**
     * Returns the defaults: a cut every 5 ms, a snapshot every 2,000 entries, 32 MiB that may wait, stale after 3 s.
     *
     * @param node its name for people
     * @param lease how long a lease lasts
     */
    public static RelaySettings of(String node, Duration lease) {
        return new RelaySettings(
                node, lease.dividedBy(6), Duration.ofMillis(5), 2_000, WAITING_BYTES_MAX, Duration.ofSeconds(3));
    }

    private static void positive(List<String> problems, String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            problems.add(name + " was '" + value + "' but it must be more than 0");
        }
    }
}
