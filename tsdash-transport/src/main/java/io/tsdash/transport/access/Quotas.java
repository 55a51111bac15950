package io.tsdash.transport.access;

import io.tsdash.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of a server one user may use, over all connections together.
 *
 * @param connections WebSockets and streams at a time, at least 1
 * @param subscriptions names and patterns at a time, at least 1
 * @param messagesPerSecond commands and requests a second, on average, above 0
 * @param messagesAtOnce how many may come at once after a pause, at least 1
 */
public record Quotas(int connections, int subscriptions, double messagesPerSecond, int messagesAtOnce) {

    /** @throws ConfigurationException with everything that is wrong */
    public Quotas {
        List<String> problems = new ArrayList<>();
        atLeastOne(problems, "connections", connections);
        atLeastOne(problems, "subscriptions", subscriptions);
        atLeastOne(problems, "messagesAtOnce", messagesAtOnce);
        if (!Double.isFinite(messagesPerSecond) || messagesPerSecond <= 0) {
            problems.add("quotas.messagesPerSecond was '" + messagesPerSecond + "' but it must be finite and above 0");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns what a person with some screens needs: 20 connections, 5,000 subscriptions, 50 messages a second. */
    public static Quotas usual() {
        return new Quotas(20, 5_000, 50, 200);
    }

    private static void atLeastOne(List<String> problems, String option, int value) {
        if (value < 1) {
            problems.add("quotas." + option + " was '" + value + "' but it must be at least 1");
        }
    }
}
