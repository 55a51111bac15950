package io.tsdash.kafka.streams;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Looks after the topics that a topology writes: makes those that are missing, and checks those that are there. Used once. */
public final class AggregationTopics {
    private static final String CLEANUP = "cleanup.policy";
    private static final String COMPACT = "compact";
    private static final String DELETE = "delete";
    private static final String RETENTION = "retention.ms";

    private final Admin admin;
    private final Duration timeout;

    /**
     * @param admin a client; not closed here
     * @param timeout how long a request may take
     */
    public AggregationTopics(Admin admin, Duration timeout) {
        this.admin = admin;
        this.timeout = timeout;
    }

    /**
     * Makes the output topics that are missing, with as many partitions as the input, so that a symbol keeps its partition.
     * Bars, profiles and averages are compacted, so that the last word on each window stays, and deleted after a time; dead
     * letters are only deleted. Topics that are there already are held to the same.
     *
     * @param topology the topology
     * @param replication copies of each record, or -1 for what the broker does by default
     * @param retention how long records are kept
     * @return the topics that were made
     * @throws ConfigurationException if the input topic is not there, or an output topic has other partitions, another policy
     *     or a shorter retention: everything that is wrong, and what to do
     * @throws TransientException if the brokers do not answer
     */
    public List<String> ensure(AggregationTopology topology, short replication, Duration retention) {
        Set<String> present = await(admin.listTopics().names(), "list topics");
        if (!present.contains(topology.input())) {
            throw new ConfigurationException(List.of("input was '" + topology.input()
                    + "' but there is no such topic: make it first, with as many partitions as you will need"));
        }
        Set<String> missing = new LinkedHashSet<>(topology.outputs());
        missing.removeAll(present);
        Set<String> old = new LinkedHashSet<>(topology.outputs());
        old.retainAll(present);
        Map<String, Integer> partitions = partitions(topology.input(), old);
        int wanted = partitions.getOrDefault(topology.input(), 1);
        check(topology, old, partitions, wanted, retention);
        List<NewTopic> topics = new ArrayList<>();
        for (String name : missing) {
            topics.add(new NewTopic(
                            name, Optional.of(wanted), replication < 0 ? Optional.empty() : Optional.of(replication))
                    .configs(Map.of(CLEANUP, policy(topology, name), RETENTION, Long.toString(retention.toMillis()))));
        }
        CreateTopicsResult made = admin.createTopics(topics);
        made.values().forEach((name, future) -> awaitMade(name, future));
        return List.copyOf(missing);
    }

    private Map<String, Integer> partitions(String input, Set<String> others) {
        Set<String> names = new LinkedHashSet<>(others);
        names.add(input);
        Map<String, Integer> counts = new HashMap<>();
        await(admin.describeTopics(names).allTopicNames(), "describe " + names)
                .forEach((name, found) -> counts.put(name, found.partitions().size()));
        return counts;
    }

    private void check(
            AggregationTopology topology,
            Set<String> names,
            Map<String, Integer> partitions,
            int wanted,
            Duration retention) {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> settings =
                await(admin.describeConfigs(resources).all(), "read the settings of " + names);
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            int found = partitions.getOrDefault(name, wanted);
            if (found != wanted) {
                problems.add("topic '" + name + "' has " + found + " partitions but must have " + wanted + ", as "
                        + topology.input() + " has: a symbol must keep its partition");
            }
            Config config = settings.get(new ConfigResource(ConfigResource.Type.TOPIC, name));
            if (config != null) {
                checkSettings(topology, name, config, retention, problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private static void checkSettings(
            AggregationTopology topology, String name, Config config, Duration retention, List<String> problems) {
        String found = value(config, CLEANUP, DELETE);
        if (found.contains(COMPACT) != policy(topology, name).contains(COMPACT)) {
            problems.add("topic '" + name + "' has " + CLEANUP + "=" + found + " but it must be "
                    + policy(topology, name) + ": change it, or use another topic");
        }
        long millis = Long.parseLong(value(config, RETENTION, "-1"));
        if (found.contains(DELETE) && millis >= 0 && millis < retention.toMillis()) {
            problems.add("topic '" + name + "' has " + RETENTION + "=" + millis + " but it must be at least "
                    + retention.toMillis() + ": raise it, or ask for a shorter retention");
        }
    }

    private static String policy(AggregationTopology topology, String name) {
        return name.equals(topology.deadLetters()) ? DELETE : COMPACT + "," + DELETE;
    }

    private static String value(Config config, String name, String otherwise) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? otherwise : entry.value();
    }

    private void awaitMade(String name, KafkaFuture<Void> future) {
        try {
            await(future, "make topic " + name);
        } catch (TransientException e) {
            Throwable cause = e.getCause();
            if (cause == null || !(cause.getCause() instanceof TopicExistsException)) { // another instance was faster
                throw e;
            }
        }
    }

    private <T> T await(KafkaFuture<T> future, String what) {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new TransientException("could not " + what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new TransientException("could not " + what + " within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted: " + what, e);
        }
    }
}
