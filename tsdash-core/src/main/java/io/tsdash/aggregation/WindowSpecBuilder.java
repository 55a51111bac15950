package io.tsdash.aggregation;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Interval;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** The settings that all aggregations share, with their defaults and rules. */
final class WindowSpecBuilder {
    List<Interval> intervals = List.of();
    Duration lateness = Duration.ofSeconds(5);
    Duration closeDelay = Duration.ZERO;
    Duration aheadMax = Duration.ofSeconds(10);
    Duration idleTimeout = Duration.ofSeconds(1);

    WindowSpec build() {
        List<String> problems = new ArrayList<>();
        if (intervals.isEmpty()) {
            problems.add("intervals was empty but there must be at least one");
        }
        if (new HashSet<>(intervals).size() != intervals.size()) {
            problems.add("intervals was '" + intervals + "' but they must all be different");
        }
        notNegative("lateness", lateness, problems);
        notNegative("closeDelay", closeDelay, problems);
        notNegative("aheadMax", aheadMax, problems);
        notNegative("idleTimeout", idleTimeout, problems);
        if (closeDelay.compareTo(lateness) > 0) {
            problems.add("closeDelay was '" + closeDelay + "' but it must not exceed lateness '" + lateness + "'");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new WindowSpec(
                intervals, lateness.toNanos(), closeDelay.toNanos(), aheadMax.toNanos(), idleTimeout.toNanos());
    }

    private static void notNegative(String option, Duration value, List<String> problems) {
        if (value.isNegative()) {
            problems.add(option + " was '" + value + "' but it must not be negative");
        }
    }
}
