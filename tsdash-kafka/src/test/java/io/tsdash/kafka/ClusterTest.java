package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BatchHandler;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.testkit.NaiveBars;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three real brokers, one of which is killed while a million trades go through. */
@Timeout(240)
class ClusterTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int COUNT = 1_000_000;
    private static final int SYMBOLS = 20;
    private static final int REPEATED_EVERY = 100;
    private static final long START_NANOS = 1_700_000_000_000_000_000L;
    private static final Interval SECOND = Interval.parse("1s");

    private static KafkaCluster cluster;

    private final RecordingBusListener listener = new RecordingBusListener();

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.start(Brokers.folder(), 3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aKilledBrokerLosesNoTradeAndChangesNoBar() throws Exception {
        KafkaBusOptions options = Brokers.fresh(cluster)
                .replication(3)
                .publishTimeout(Duration.ofSeconds(30))
                .closeTimeout(Duration.ofSeconds(20))
                .build();
        Bars bars = new Bars();
        int repeated = 0;
        try (KafkaEventBus publisher = open(options);
                KafkaEventBus second = open(options)) {
            KafkaEventBus first = open(options);
            first.subscribe(ConsumerOptions.blocking("bars"), bars);
            int killed = -1;
            for (int i = 0; i < COUNT; i++) {
                publish(publisher, trade(i));
                if (i % REPEATED_EVERY == 0) {
                    publish(publisher, trade(i));
                    repeated++;
                }
                if (i == COUNT / 4) {
                    killed = leader(options);
                    cluster.kill(killed);
                } else if (i == COUNT / 2) {
                    // Another node takes the work over while a broker is away.
                    first.close();
                    second.subscribe(ConsumerOptions.blocking("bars"), bars);
                } else if (i == 3 * COUNT / 4) {
                    cluster.restart(killed);
                }
            }
            assertThat(publisher.drain(LONG)).as("all are at the brokers").isTrue();
            assertThat(second.drain(LONG)).isTrue();
        }
        assertThat(bars.seen.cardinality()).as("trades of %s", COUNT).isEqualTo(COUNT);
        assertThat(bars.repeats).isGreaterThanOrEqualTo(repeated);
        assertThat(listener.unsent()).isZero();
        assertThat(listener.dropped()).isZero();
        assertThat(listener.skipped()).isZero();
        assertThat(bars.all()).isEqualTo(expected());
    }

    @Test
    void saysThatTooFewReplicasAreInSyncAndSendsWhatWaitsOnceTheyAre() throws Exception {
        KafkaBusOptions options = Brokers.fresh(cluster)
                .partitions(1)
                .replication(2)
                .publishTimeout(Duration.ofSeconds(10))
                .build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            RawTopic.set(options, "min.insync.replicas", "2");
            bus.publish(List.of(trade(0)));
            int killed = leader(options);
            cluster.kill(killed);
            assertThatThrownBy(() -> bus.publish(List.of(trade(1))))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("has 1 of 2 replicas in sync, and min.insync.replicas is 2")
                    .hasMessageContaining("0 of 1 events accepted");
            cluster.restart(killed);
            bus.publish(List.of(trade(2)));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.distinctSequences()).containsExactly(0L, 1L, 2L);
        assertThat(listener.unsent()).isZero();
    }

    private KafkaEventBus open(KafkaBusOptions options) {
        return KafkaEventBus.open(options, listener, TimeSource.system());
    }

    private static void publish(KafkaEventBus bus, Trade trade) {
        while (true) {
            try {
                bus.publish(trade);
                return;
            } catch (TransientException e) {
                // As a feed does: the event was given to no one, so it is tried again.
            }
        }
    }

    /** Returns the number of the broker that leads most partitions. */
    private static int leader(KafkaBusOptions options) throws Exception {
        Map<Integer, Integer> led = new HashMap<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.servers()))) {
            admin.describeTopics(List.of(options.topic())).allTopicNames().get().values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .forEach(partition -> led.merge(partition.leader().id() - 1, 1, Integer::sum));
        }
        return led.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static Trade trade(int i) {
        return Trade.of("S" + i % SYMBOLS, START_NANOS + i * 1_000_000L, i, 100 + i % 97 / 8.0, 1 + i % 13);
    }

    private static List<Bar> expected() {
        List<Bar> expected = new ArrayList<>();
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            List<Trade> trades = new ArrayList<>();
            for (int i = symbol; i < COUNT; i += SYMBOLS) {
                trades.add(trade(i));
            }
            expected.addAll(NaiveBars.of(trades, "S" + symbol, SECOND));
        }
        return sorted(expected);
    }

    private static List<Bar> sorted(List<Bar> bars) {
        bars.sort(Comparator.comparing(Bar::symbol).thenComparingLong(Bar::openTimeNanos));
        return bars;
    }

    /** Makes bars of what comes, on whichever node it comes. */
    private static final class Bars implements BatchHandler {
        private final Map<List<Object>, Bar> newest = new HashMap<>();
        private final BarAggregator aggregator = BarAggregator.of(this::keep, SECOND);
        private final BitSet seen = new BitSet();
        private int repeats;

        @Override
        public synchronized void onBatch(int partition, List<MarketEvent> batch) {
            for (MarketEvent event : batch) {
                seen.set((int) event.sequence());
                Outcome outcome = aggregator.add(partition, (Trade) event);
                if (outcome == Outcome.DUPLICATE || outcome == Outcome.TOO_LATE) {
                    repeats++;
                }
            }
            aggregator.flush();
        }

        synchronized List<Bar> all() {
            aggregator.close();
            return sorted(new ArrayList<>(newest.values()));
        }

        private void keep(Bar bar) {
            Bar plain = new Bar(
                    bar.symbol(),
                    bar.interval(),
                    bar.openTimeNanos(),
                    bar.closeTimeNanos(),
                    bar.open(),
                    bar.high(),
                    bar.low(),
                    bar.close(),
                    bar.volume(),
                    bar.notional(),
                    bar.tradeCount(),
                    bar.firstEventNanos(),
                    bar.lastEventNanos(),
                    0,
                    BarState.CLOSED);
            newest.put(List.of(bar.symbol(), bar.openTimeNanos()), plain);
        }
    }
}
