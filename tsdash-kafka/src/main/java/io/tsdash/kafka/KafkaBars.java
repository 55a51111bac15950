package io.tsdash.kafka;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.RecordDeserializer;
import io.tsdash.model.Bar;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads bars from the topics that the topology of {@code io.tsdash.kafka.streams} writes, with everything that the bus does
 * for its consumers. Thread-safe.
 */
public final class KafkaBars implements AutoCloseable {
    /** The topics that the topology writes unless it is told otherwise. */
    public static final List<String> TOPICS =
            List.of("aggregates-1s", "aggregates-1m", "aggregates-5m", "aggregates-1h");

    private final TimeSource time;
    private final RecordDeserializer<Bar> reader;
    private final Connection<Bar> connection;

    private KafkaBars(KafkaBusOptions options, List<String> topics, BusListener listener, TimeSource time) {
        this.time = time;
        reader = new RecordDeserializer<>(options.format(), Formats::bars);
        connection = Connection.open(
                options,
                topics.stream()
                        .map(topic -> new TopicWish(
                                topic, options.partitions(), options.replication(), options.retention(), false))
                        .toList(),
                listener,
                time);
    }

    /**
     * Connects, and checks or makes the topics.
     *
     * @param options where, and how; the topic in them names the dead letters
     * @param topics which to read, such as {@link #TOPICS}
     * @param listener told of drops, retries, skips and stops
     * @param time the clock for timeouts
     * @throws ConfigurationException if a topic is not as the options say, or is not there and may not be made
     * @throws TransientException if no broker answers in time
     * @throws PermanentException if the brokers refuse us
     */
    public static KafkaBars open(KafkaBusOptions options, List<String> topics, BusListener listener, TimeSource time) {
        return new KafkaBars(options, List.copyOf(topics), listener, time);
    }

    /**
     * Adds a consumer of all topics.
     *
     * @throws ConfigurationException if the name is taken
     * @throws TransientException if the brokers do not answer in time
     */
    public BusConsumer subscribe(ConsumerOptions consumer, BarHandler handler) {
        return connection.subscribe(consumer, new Bars(reader, handler), partition -> 0);
    }

    /** Waits until all that the topics hold now is acknowledged; returns whether it was, within the timeout. */
    public boolean drain(Duration timeout) {
        return connection.drain(time.monotonicNanos() + timeout.toNanos());
    }

    /** Ends the consumers, in bounded time. What they have not acknowledged stays in the topics. Twice is no error. */
    @Override
    public void close() {
        if (!connection.refuse()) {
            connection.close();
        }
    }

    /** A handler of bars as a sink. */
    private record Bars(RecordDeserializer<Bar> reader, BarHandler handler) implements Sink<Bar> {
        @Override
        public Bar read(ConsumerRecord<byte[], byte[]> record) {
            return reader.read(record.headers(), record.value());
        }

        @Override
        public void onBatch(int partition, List<Bar> batch) {
            handler.onBars(batch);
        }

        @Override
        public void checkpoint() {
            // A handler of bars is done with a batch when it returns.
        }
    }
}
