package io.tsdash.kafka.streams;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;

/** Looks after the topics that a topology writes: makes those that are missing. Used once. */
public final class AggregationTopics {
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
     * Makes the output topics that are missing: as many partitions as the input, so that a symbol keeps its partition, and
     * records are deleted after a time. They are not compacted: their key is the symbol, so only its last bar would stay.
     *
     * @param topology the topology
     * @param replication copies of each record, or -1 for what the broker does by default
     * @param retention how long records are kept
     * @return the topics that were made
     * @throws ConfigurationException if the input topic is not there
     * @throws TransientException if the brokers do not answer
     */
    public List<String> makeMissing(AggregationTopology topology, short replication, Duration retention) {
        Set<String> present = await(admin.listTopics().names(), "list topics");
        if (!present.contains(topology.input())) {
            throw new ConfigurationException(List.of("input was '" + topology.input()
                    + "' but there is no such topic: make it first, with as many partitions as you will need"));
        }
        TopicDescription input = await(
                        admin.describeTopics(List.of(topology.input())).allTopicNames(), "describe " + topology.input())
                .get(topology.input());
        Set<String> missing = new LinkedHashSet<>(topology.outputs());
        missing.removeAll(present);
        List<NewTopic> topics = new ArrayList<>();
        for (String name : missing) {
            topics.add(new NewTopic(
                            name,
                            Optional.of(input == null ? 1 : input.partitions().size()),
                            replication < 0 ? Optional.empty() : Optional.of(replication))
                    .configs(Map.of("cleanup.policy", "delete", "retention.ms", Long.toString(retention.toMillis()))));
        }
        CreateTopicsResult made = admin.createTopics(topics);
        made.values().forEach((name, future) -> awaitMade(name, future));
        return List.copyOf(missing);
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
