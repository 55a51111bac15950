package io.tsdash.kafka;

import io.tsdash.bus.BatchHandler;
import io.tsdash.bus.BusCapabilities;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.RecordDeserializer;
import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The bus on a topic of Apache Kafka: between processes, kept by the brokers, in partitions by symbol.
 *
 * <p>{@link #publish(MarketEvent)} returns when the event is in a bounded buffer here; it is sent within milliseconds, and
 * as long as this process lives, however long the brokers are away. {@link #publish(List)} returns when the brokers have all
 * events on as many disks as the topic asks for. What they refuse for good after the publisher has gone on is told to the
 * listener, and the next publish throws and says how many it were.
 *
 * <p>A consumer's position is kept only after its handler has returned, and has said at a
 * {@linkplain BatchHandler#checkpoint() checkpoint} that what it took is safe: at least once, so a restart may bring events
 * again. Thread-safe.
 */
public final class KafkaEventBus implements EventBus {
    private static final BusCapabilities CAPABILITIES = new BusCapabilities("kafka", true, true);

    private final KafkaBusOptions options;
    private final TimeSource time;
    private final SymbolKeys keys;
    private final RecordDeserializer<MarketEvent> reader;
    private final Connection<MarketEvent> connection;
    private final EventSender sender;
    private volatile TradeTraces traces = TradeTraces.none();

    private KafkaEventBus(KafkaBusOptions options, BusListener listener, TimeSource time) {
        this.options = options;
        this.time = time;
        keys = new SymbolKeys(options.partitions());
        reader = new RecordDeserializer<>(
                options.plainReader().orElseGet(() -> Formats.events(options.format())), Formats::events);
        connection = Connection.open(options, List.of(TopicWish.events(options)), listener, time);
        sender = new EventSender(connection.producer(), keys, options, listener, connection.check()::diagnose, time);
    }

    /**
     * Connects, checks or makes the topics, and opens the bus.
     *
     * @param options where, and how
     * @param listener told of drops, retries, skips, stops, and of what could not be sent
     * @param time the clock for timeouts
     * @throws ConfigurationException if a topic is not as the options say, or is not there and may not be made
     * @throws TransientException if no broker answers in time
     * @throws PermanentException if the brokers refuse us
     */
    public static KafkaEventBus open(KafkaBusOptions options, BusListener listener, TimeSource time) {
        return new KafkaEventBus(options, listener, time);
    }

    @Override
    public BusCapabilities capabilities() {
        return CAPABILITIES;
    }

    /** Has the traces of trades go on at the consumers, by a header {@code traceparent} of their records. */
    @Override
    public void follow(TradeTraces followed) {
        traces = followed;
        sender.follow(followed);
    }

    @Override
    public int partitions() {
        return keys.partitions();
    }

    @Override
    public int partitionOf(String symbol) {
        return keys.of(symbol).partition();
    }

    /**
     * Takes an event, which is sent within milliseconds.
     *
     * @throws TransientException if too many wait for the brokers until the timeout; the message says what is known of the
     *     reason. The event is given to no one
     * @throws PermanentException if the bus is closed, the brokers refuse the event at once, or have refused events that were
     *     taken before; this one is given to no one
     */
    @Override
    public void publish(MarketEvent event) {
        sender.send(event);
    }

    /**
     * Sends events and waits until the brokers have acknowledged all of them.
     *
     * @param batch in order; not kept
     * @throws TransientException if they have not until the timeout; the message says how many they have. Those that were
     *     taken are sent when the brokers take them, so publishing the whole batch again repeats them
     * @throws PermanentException as {@link #publish(MarketEvent)}
     */
    @Override
    public void publish(List<? extends MarketEvent> batch) {
        sender.send(batch);
    }

    /**
     * Adds a consumer. What was published here before it is acknowledged first, so that "from now on" has a meaning.
     *
     * @throws ConfigurationException if the name is taken
     * @throws TransientException if the brokers do not answer in time
     * @throws PermanentException if the bus is closed
     */
    @Override
    public BusConsumer subscribe(ConsumerOptions consumer, BatchHandler handler) {
        connection.checkOpen();
        if (!sender.flush(time.monotonicNanos() + options.openTimeout().toNanos())) {
            throw new TransientException("consumer '" + consumer.name() + "' cannot begin: what was published before is"
                    + " not acknowledged within " + options.openTimeout() + ": "
                    + connection.check().diagnose(options.topic()));
        }
        return connection.subscribe(consumer, new Events(handler), partition -> sender.end(partition.partition()));
    }

    /**
     * Waits until all that the topic holds now is acknowledged by the consumers here, and by those of their names on other
     * nodes; returns whether it was, within the timeout, and no event was lost that the next publish would tell of.
     */
    @Override
    public boolean drain(Duration timeout) {
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        return sender.flush(untilNanos) && connection.drain(untilNanos) && !sender.hasLost();
    }

    @Override
    public void close() {
        if (connection.refuse()) {
            return;
        }
        sender.close();
        drain(options.closeTimeout());
        connection.close();
    }

    /** A handler of events as a sink. */
    private final class Events implements Sink<MarketEvent> {
        private final BatchHandler handler;

        Events(BatchHandler handler) {
            this.handler = handler;
        }

        @Override
        public MarketEvent read(ConsumerRecord<byte[], byte[]> record) {
            MarketEvent event = reader.read(record.headers(), record.value());
            TraceHeader.read(record, event, traces);
            return event;
        }

        @Override
        public void onBatch(int partition, List<MarketEvent> batch) {
            handler.onBatch(partition, batch);
        }

        @Override
        public void checkpoint() {
            handler.checkpoint();
        }
    }
}
