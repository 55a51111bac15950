package io.tsdash.pipeline;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Interval;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Settings of a pipeline.
 *
 * @param intervals the bars that are made, at least one, all different
 * @param lateness how far behind its symbol's clock a trade may be and still be in a bar
 * @param aheadMax how far ahead of its receive time an event time may be; what is further is set aside
 * @param store how trades are brought to the stores
 * @param quietMax how long nothing may come over the bus before prices count as stale; empty where the feed itself says
 * @param keepTrades how long trades and bars of less than a minute are kept, by event time; empty for ever
 */
public record PipelineConfig(
        List<Interval> intervals,
        Duration lateness,
        Duration aheadMax,
        StoreSettings store,
        Optional<Duration> quietMax,
        Optional<Duration> keepTrades) {

    /** @throws ConfigurationException with everything that is wrong */
    public PipelineConfig {
        intervals = List.copyOf(intervals);
        List<String> problems = new ArrayList<>();
        if (intervals.isEmpty() || new HashSet<>(intervals).size() != intervals.size()) {
            problems.add("intervals was '" + intervals + "' but there must be at least one, all different");
        }
        if (lateness.isNegative()) {
            problems.add("lateness was '" + lateness + "' but it must not be negative");
        }
        if (aheadMax.isNegative()) {
            problems.add("aheadMax was '" + aheadMax + "' but it must not be negative");
        }
        if (quietMax.isPresent()
                && (quietMax.get().isNegative() || quietMax.get().isZero())) {
            problems.add("quietMax was '" + quietMax.get() + "' but it must be more than 0");
        }
        if (keepTrades.isPresent() && keepTrades.get().compareTo(Duration.ofMinutes(1)) < 0) {
            problems.add("keepTrades was '" + keepTrades.get() + "' but it must be at least a minute");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
