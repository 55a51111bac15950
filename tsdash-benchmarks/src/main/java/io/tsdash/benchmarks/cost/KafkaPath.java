package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.kafka.KafkaBusOptions;
import io.tsdash.kafka.KafkaEventBus;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A trade through the bus on a real broker, published and read by the same process, with what the pipeline does at both ends for metrics
 * and traces; the broker is another process and is not counted. 100,000 a second, as in {@link PipelinePath}.
 */
public final class KafkaPath implements CostlyPath {
    private static final int TRADES = 100_000;
    private static final int TRADES_A_MILLISECOND = 100;
    private static final int PARTITIONS = 4;
    private static final int CAPACITY = 1 << 16;
    private static final int BATCH_MAX = 1 << 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = 1_000_000;

    private final Tape tape = new Tape();
    private final TradeTraces traces;
    private final PipelineListener listener;
    private final KafkaEventBus bus;
    private final BusConsumer reader;
    private long published;

    /**
     * @param servers the broker
     * @param topic its own
     * @param measured whether with metrics
     * @param traces follows some of the trades, or none
     */
    public KafkaPath(String servers, String topic, boolean measured, TradeTraces traces) {
        this.traces = traces;
        Measured metrics = new Measured();
        listener = measured ? metrics.joined(new QuietPipelineListener()) : new QuietPipelineListener();
        BusListener heard = measured ? metrics.joined(new NoBusListener()) : new NoBusListener();
        bus = KafkaEventBus.open(
                KafkaBusOptions.servers(servers)
                        .topic(topic)
                        .partitions(PARTITIONS)
                        .build(),
                heard,
                TimeSource.system());
        bus.follow(traces);
        reader = bus.subscribe(
                new ConsumerOptions("reader", CAPACITY, BATCH_MAX, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP),
                this::read);
    }

    @Override
    public int round() {
        List<Trade> trades = tape.next(TRADES);
        Pace pace = new Pace();
        for (int i = 0; i < TRADES; i++) {
            if (i % TRADES_A_MILLISECOND == 0) {
                pace.awaitMilliseconds(i / TRADES_A_MILLISECOND);
            }
            publish(trades.get(i));
        }
        published += TRADES;
        long untilNanos = System.nanoTime() + PATIENCE.toNanos();
        while (reader.acknowledged() < published) {
            if (System.nanoTime() > untilNanos) {
                throw new IllegalStateException("not all trades were read within " + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return TRADES;
    }

    @Override
    public void close() {
        reader.close();
        bus.close();
    }

    private void publish(Trade trade) {
        TracedTrade traced = traces.received(trade);
        bus.publish(trade);
        if (traced != null) {
            traced.published();
        }
    }

    private void read(int partition, List<MarketEvent> batch) {
        traces.of(batch).forEach(each -> each.cameToBars("kafka"));
        listener.onBatch(partition, batch.get(0));
    }
}
