package io.tsdash.transport.access;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of a server one user may use, over all connections together.
 *
 * @param connections WebSockets and streams at a time, at least 1
 * @param subscriptions names and patterns at a time, at least 1
 * @param messagesPerSecond commands and requests a second, on average, above 0 and at most a billion
 * @param messagesAtOnce how many may come at once after a pause, at least 1; their number must
 *     come within a year
 */
public record Quotas(int connections, int subscriptions, double messagesPerSecond, int messagesAtOnce) {
    private static final double PER_SECOND_MAX = 1e9;
    private static final Duration FILL_MAX = Duration.ofDays(365);

    /** @throws ConfigurationException with everything that is wrong */
    public Quotas {
        List<String> problems = new ArrayList<>();
        atLeastOne(problems, "connections", connections);
        atLeastOne(problems, "subscriptions", subscriptions);
        atLeastOne(problems, "messagesAtOnce", messagesAtOnce);
        if (!(messagesPerSecond > 0 && messagesPerSecond <= PER_SECOND_MAX)) {
            problems.add("quotas.messagesPerSecond was '" + messagesPerSecond
                    + "' but it must be above 0 and at most a billion");
        } else if (messagesAtOnce / messagesPerSecond > FILL_MAX.toSeconds()) {
            problems.add("quotas.messagesAtOnce was '" + messagesAtOnce + "' at " + messagesPerSecond
                    + " a second but so many must come within " + FILL_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns what a person with some screens needs: 20 connections, 5,000 subscriptions, 50 messages a second. */
    public static Quotas usual() {
        return new Quotas(20, 5_000, 50, 200);
    }

    /** Returns the limit of messages, to a millionth of its rate or better. */
    RateLimit messages() {
        Duration period = Duration.ofSeconds(1_000_000);
        return messagesPerSecond < 1
                ? new RateLimit(1, Duration.ofNanos(Math.round(1e9 / messagesPerSecond)), messagesAtOnce)
                : new RateLimit(Math.round(messagesPerSecond * period.toSeconds()), period, messagesAtOnce);
    }

    private static void atLeastOne(List<String> problems, String option, int value) {
        if (value < 1) {
            problems.add("quotas." + option + " was '" + value + "' but it must be at least 1");
        }
    }
}
