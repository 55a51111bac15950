package io.tsdash.kafka.streams;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.kafka.TopicLeaders;
import io.tsdash.time.TimeSource;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks after the topics that a topology writes: makes those that are missing, and checks those that are there. Used once. */
public final class AggregationTopics {
    private static final String CLEANUP = "cleanup.policy";
    private static final String COMPACT = "compact";
    private static final String DELETE = "delete";
    private static final String RETENTION = "retention.ms";

    private static final Duration INPUT_PATIENCE = Duration.ofSeconds(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final Admin admin;
    private final Duration timeout;
    private final TimeSource time = TimeSource.system();

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
     *     or a shorter retention: everything that is wrong, and what to do; or if there are fewer brokers than replicas
     * @throws TransientException if the brokers do not answer
     * @throws PermanentException if they refuse
     */
    public List<String> ensure(AggregationTopology topology, short replication, Duration retention) {
        int wanted = partitionsOfInput(topology.input());
        Set<String> present = await(admin.listTopics().names(), "list topics");
        Set<String> missing = new LinkedHashSet<>(topology.outputs());
        missing.removeAll(present);
        Set<String> old = new LinkedHashSet<>(topology.outputs());
        old.retainAll(present);
        check(topology, old, wanted, retention);
        List<NewTopic> topics = new ArrayList<>();
        for (String name : missing) {
            topics.add(new NewTopic(
                            name, Optional.of(wanted), replication < 0 ? Optional.empty() : Optional.of(replication))
                    .configs(Map.of(CLEANUP, policy(topology, name), RETENTION, Long.toString(retention.toMillis()))));
        }
        Set<String> there = new LinkedHashSet<>();
        CreateTopicsResult made = admin.createTopics(topics);
        made.values().forEach((name, future) -> {
            if (!isMade(name, future)) {
                there.add(name);
            }
        });
        // Made by another instance, or by somebody else a moment ago, when not every broker had heard of it.
        check(topology, there, wanted, retention);
        Map<String, Integer> partitions = new HashMap<>();
        topology.outputs().forEach(name -> partitions.put(name, wanted));
        TopicLeaders.await(admin, partitions, timeout);
        missing.removeAll(there);
        return List.copyOf(missing);
    }

    private int partitionsOfInput(String input) {
        try {
            return partitions(Set.of(input), INPUT_PATIENCE).getOrDefault(input, 1);
        } catch (TransientException e) {
            if (isUnknownTopic(e)) {
                throw new ConfigurationException(List.of("input was '" + input
                        + "' but there is no such topic: make it first, with as many partitions as you will need"));
            }
            throw e;
        }
    }

    private Map<String, Integer> partitions(Set<String> names, Duration patience) {
        Map<String, Integer> counts = new HashMap<>();
        whenKnown(() -> admin.describeTopics(names).allTopicNames(), "describe " + names, patience)
                .forEach((name, found) -> counts.put(name, found.partitions().size()));
        return counts;
    }

    /** Asks again while a broker does not know of a topic: they hear of a new one a moment after it was made. */
    private <T> T whenKnown(Supplier<KafkaFuture<T>> question, String what, Duration patience) {
        long untilNanos = time.monotonicNanos() + patience.toNanos();
        while (true) {
            try {
                return await(question.get(), what);
            } catch (TransientException e) {
                if (!isUnknownTopic(e) || time.monotonicNanos() >= untilNanos) {
                    throw e;
                }
                LockSupport.parkNanos(this, LOOK_AGAIN.toNanos());
            }
        }
    }

    private static boolean isUnknownTopic(TransientException e) {
        Throwable cause = e.getCause();
        return cause != null && cause.getCause() instanceof UnknownTopicOrPartitionException;
    }

    private void check(AggregationTopology topology, Set<String> names, int wanted, Duration retention) {
        if (names.isEmpty()) {
            return;
        }
        Map<String, Integer> partitions = partitions(names, timeout);
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> settings =
                whenKnown(() -> admin.describeConfigs(resources).all(), "read the settings of " + names, timeout);
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

    /** Returns whether it was made here; else it is there already. */
    private boolean isMade(String name, KafkaFuture<Void> future) {
        try {
            await(future, "make topic " + name);
            return true;
        } catch (PermanentException e) {
            Throwable cause = e.getCause();
            if (cause != null && cause.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    private static TsdashException failure(String said, ExecutionException e) {
        if (e.getCause() instanceof InvalidReplicationFactorException) {
            return new ConfigurationException(List.of(said + " Start more brokers, or ask for fewer replicas"));
        }
        return e.getCause() instanceof RetriableException
                ? new TransientException(said, e)
                : new PermanentException(said, e);
    }

    private <T> T await(KafkaFuture<T> future, String what) {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure("could not " + what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new TransientException("could not " + what + " within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted: " + what, e);
        }
    }
}
