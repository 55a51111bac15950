package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.BatchHandler;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of {@link EventBus} as tests: extend it and say how a bus is made.
 *
 * <p>The number in a test's name is that of its rule.
 */
@Timeout(60)
public abstract class EventBusContract {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final int SYMBOLS = 20;

    private RecordingBusListener listener;
    private EventBus bus;

    /** For subclasses. */
    protected EventBusContract() {}

    /** Returns a new, empty bus. */
    protected abstract EventBus newBus(BusOptions options, BusListener busListener);

    @BeforeEach
    void open() {
        listener = new RecordingBusListener();
        bus = newBus(new BusOptions(4, LONG, LONG), listener);
    }

    @AfterEach
    void close() {
        bus.close();
    }

    @Test
    @DisplayName("B1 every consumer gets every event")
    void everyConsumerGetsEveryEvent() {
        Recorder one = new Recorder();
        Recorder two = new Recorder();
        bus.subscribe(ConsumerOptions.blocking("one"), one);
        publishAll(0, 5_000);
        assertThat(bus.drain(LONG)).isTrue();
        bus.subscribe(ConsumerOptions.blocking("two"), two);
        bus.publish(trades(5_000, 10_000));
        assertThat(bus.drain(LONG)).isTrue();

        assertThat(sequences(one.events())).containsExactlyElementsOf(range(0, 10_000));
        assertThat(sequences(two.events())).containsExactlyElementsOf(range(5_000, 10_000));
    }

    @Test
    @DisplayName("B1 two consumers may not have one name")
    void refusesANameThatIsTaken() {
        bus.subscribe(ConsumerOptions.blocking("one"), new Recorder());
        assertThatThrownBy(() -> bus.subscribe(ConsumerOptions.blocking("one"), new Recorder()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("name was 'one'");
    }

    @Test
    @DisplayName("B2 a symbol has one partition and keeps its order, with several publishers and consumer threads")
    void keepsTheOrderOfASymbol() throws Exception {
        Recorder recorder = new Recorder();
        bus.subscribe(new ConsumerOptions("order", 256, 64, 3, OverflowPolicy.BLOCK, FailurePolicy.STOP), recorder);
        List<Thread> publishers = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            int publisher = p;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 3_000; i++) {
                    bus.publish(Trade.of("P" + publisher + "S" + i % SYMBOLS, i, i, 1, 1));
                }
            });
            thread.start();
            publishers.add(thread);
        }
        for (Thread thread : publishers) {
            thread.join();
        }
        assertThat(bus.drain(LONG)).isTrue();

        Map<String, Long> last = new HashMap<>();
        Map<String, Integer> partition = new HashMap<>();
        for (Delivered delivered : recorder.delivered()) {
            String symbol = delivered.event().symbol();
            Long before = last.put(symbol, delivered.event().sequence());
            assertThat(before == null || before < delivered.event().sequence()).isTrue();
            partition.merge(symbol, delivered.partition(), (a, b) -> a.equals(b) ? a : -1);
        }
        assertThat(recorder.delivered()).hasSize(9_000);
        partition.forEach((symbol, number) -> assertThat(number).isEqualTo(bus.partitionOf(symbol)));
        assertThat(partition.values().stream().distinct().count()).isEqualTo(bus.partitions());
    }

    @Test
    @DisplayName("B1 B2 B5 a million events through a small consumer come once and in order")
    void carriesManyEventsThroughASmallConsumer() {
        int count = 1_000_000;
        long[] next = {0, 0};
        for (int i = 0; i < next.length; i++) {
            int consumer = i;
            bus.subscribe(
                    new ConsumerOptions("small" + i, 512, 100, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP),
                    (partition, batch) -> {
                        for (MarketEvent event : batch) {
                            if (event.sequence() != next[consumer]) {
                                throw new IllegalStateException(
                                        event.sequence() + " came instead of " + next[consumer]);
                            }
                            next[consumer]++;
                        }
                    });
        }
        for (int i = 0; i < count; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        assertThat(bus.drain(LONG)).isTrue();
        assertThat(next).containsExactly(count, count);
    }

    @Test
    @DisplayName("B3 a batch that failed in passing comes again, before what follows it")
    void repeatsABatchThatFailedInPassing() {
        Recorder recorder = new Recorder();
        AtomicInteger calls = new AtomicInteger();
        bus.subscribe(ConsumerOptions.blocking("retry"), (partition, batch) -> {
            recorder.onBatch(partition, batch);
            if (calls.incrementAndGet() <= 2) {
                throw new TransientException("store is away");
            }
        });
        for (int i = 0; i < 100; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        assertThat(bus.drain(LONG)).isTrue();

        List<Long> seen = sequences(recorder.events(), false);
        assertThat(listener.retries()).containsExactly("retry", "retry");
        // The first batch three times, then the rest once.
        int first = (seen.size() - 100) / 2;
        assertThat(first).isPositive();
        assertThat(seen.subList(0, first)).isEqualTo(seen.subList(first, 2 * first));
        assertThat(seen.subList(2 * first, seen.size())).containsExactlyElementsOf(range(0, 100));
    }

    @Test
    @DisplayName("B4 a batch that failed for good is skipped, and that is told")
    void skipsABatchThatFailedForGood() {
        Recorder recorder = new Recorder();
        BusConsumer consumer = bus.subscribe(
                new ConsumerOptions("skip", 1_024, 1, 1, OverflowPolicy.BLOCK, FailurePolicy.SKIP),
                (partition, batch) -> {
                    if (batch.get(0).sequence() == 3) {
                        throw new PermanentException("no such symbol");
                    }
                    recorder.onBatch(partition, batch);
                });
        for (int i = 0; i < 10; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        assertThat(bus.drain(LONG)).isTrue();

        assertThat(sequences(recorder.events())).containsExactly(0L, 1L, 2L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(listener.skipped()).isEqualTo(1);
        assertThat(consumer.skipped()).isEqualTo(1);
        assertThat(consumer.acknowledged()).isEqualTo(9);
    }

    @Test
    @DisplayName("B4 a consumer that stops says so; publishing is refused, or the next of its name goes on from there")
    void stopsAConsumerThatFailedForGood() {
        if (bus.capabilities().keepsWaiting()) {
            keepsWhatAStoppedConsumerDidNotTake();
        } else {
            refusesPublishersOfAStoppedConsumer();
        }
    }

    private void keepsWhatAStoppedConsumerDidNotTake() {
        AtomicInteger handled = new AtomicInteger();
        BusConsumer consumer = bus.subscribe(
                new ConsumerOptions("stop", 4, 4, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP), (partition, batch) -> {
                    if (batch.stream().anyMatch(event -> event.sequence() >= 10)) {
                        throw new IllegalStateException("broken");
                    }
                    handled.addAndGet(batch.size());
                });
        for (int i = 0; i < 100; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        await(() -> !consumer.running());
        assertThat(listener.stops()).containsExactly("stop");
        assertThat(bus.drain(SHORT)).isFalse();
        assertThat(listener.dropped()).isZero();
        consumer.close();

        Recorder next = new Recorder();
        bus.subscribe(ConsumerOptions.blocking("stop"), next);
        assertThat(bus.drain(LONG)).isTrue();
        assertThat(sequences(next.events())).containsExactlyElementsOf(range(handled.get(), 100));
    }

    private void refusesPublishersOfAStoppedConsumer() {
        BusConsumer consumer = bus.subscribe(
                new ConsumerOptions("stop", 4, 4, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP), (partition, batch) -> {
                    throw new IllegalStateException("broken");
                });
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        bus.publish(Trade.of("A", i, i, 1, 1));
                    }
                })
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("consumer 'stop' has stopped")
                .hasMessageContaining("broken");
        assertThat(listener.stops()).containsExactly("stop");
        assertThat(consumer.running()).isFalse();
        assertThat(bus.drain(SHORT)).isFalse();
    }

    @Test
    @DisplayName("B5 a full consumer holds publishers back, or the bus keeps what waits; nothing is lost")
    void losesNothingThroughAFullConsumer() throws Exception {
        if (bus.capabilities().keepsWaiting()) {
            keepsWhatWaitsForAFullConsumer();
        } else {
            holdsPublishersBack();
        }
    }

    private void keepsWhatWaitsForAFullConsumer() throws Exception {
        Gate gate = new Gate();
        Recorder other = new Recorder();
        BusConsumer slow =
                bus.subscribe(new ConsumerOptions("slow", 8, 8, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP), gate);
        BusConsumer fast = bus.subscribe(ConsumerOptions.blocking("other"), other);
        for (int i = 0; i < 1_000; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        await(() -> fast.acknowledged() == 1_000);
        gate.awaitCall();
        assertThat(slow.lag()).isEqualTo(1_000);
        gate.open();
        assertThat(bus.drain(LONG)).isTrue();

        assertThat(sequences(gate.recorder.events(), false)).containsExactlyElementsOf(range(0, 1_000));
        assertThat(sequences(other.events(), false)).containsExactlyElementsOf(range(0, 1_000));
        assertThat(listener.dropped()).isZero();
    }

    private void holdsPublishersBack() throws Exception {
        bus.close();
        bus = newBus(new BusOptions(4, SHORT, LONG), listener);
        Gate gate = new Gate();
        Recorder other = new Recorder();
        bus.subscribe(new ConsumerOptions("slow", 8, 8, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP), gate);
        bus.subscribe(ConsumerOptions.blocking("other"), other);

        int accepted = 0;
        TransientException full = null;
        while (full == null) {
            try {
                bus.publish(Trade.of("A", accepted, accepted, 1, 1));
                accepted++;
            } catch (TransientException e) {
                full = e;
            }
        }
        assertThat(accepted).isEqualTo(8);
        assertThat(full)
                .hasMessageContaining("consumer 'slow' has 8 events waiting")
                .hasMessageContaining("was full");
        gate.open();
        assertThat(bus.drain(LONG)).isTrue();
        bus.publish(Trade.of("A", accepted, accepted, 1, 1));
        assertThat(bus.drain(LONG)).isTrue();

        assertThat(sequences(gate.recorder.events())).containsExactlyElementsOf(range(0, 9));
        assertThat(sequences(other.events())).containsExactlyElementsOf(range(0, 9));
        assertThat(listener.dropped()).isZero();
    }

    @Test
    @DisplayName("B6 a full consumer that drops loses the newest, which is counted and told; others lose nothing")
    void dropsTheNewest() throws Exception {
        Gate gate = new Gate();
        Recorder other = new Recorder();
        BusConsumer slow = bus.subscribe(
                new ConsumerOptions("slow", 8, 8, 1, OverflowPolicy.DROP_NEWEST, FailurePolicy.SKIP), gate);
        bus.subscribe(ConsumerOptions.blocking("other"), other);
        for (int i = 0; i < 20; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        await(() -> slow.dropped() == 12);
        gate.open();
        assertThat(bus.drain(LONG)).isTrue();

        assertThat(sequences(gate.recorder.events())).containsExactlyElementsOf(range(0, 8));
        assertThat(sequences(other.events())).containsExactlyElementsOf(range(0, 20));
        assertThat(slow.dropped()).isEqualTo(12);
        assertThat(listener.dropped()).isEqualTo(12);
    }

    @Test
    @DisplayName("B7 B9 a drain waits for acknowledgement, and the lag counts what is not acknowledged")
    void drainsAndCountsLag() throws Exception {
        Gate gate = new Gate();
        BusConsumer consumer = bus.subscribe(ConsumerOptions.blocking("gated"), gate);
        publishAll(0, 50);
        gate.awaitCall();

        assertThat(bus.drain(SHORT)).isFalse();
        assertThat(consumer.lag()).isEqualTo(50);
        gate.open();
        assertThat(bus.drain(LONG)).isTrue();
        assertThat(consumer.lag()).isZero();
        assertThat(consumer.acknowledged()).isEqualTo(50);
    }

    @Test
    @DisplayName("B8 closing delivers what was accepted; then publishing is refused, and closing again is no error")
    void deliversWhatWasAcceptedWhenClosed() {
        Recorder recorder = new Recorder();
        BusConsumer consumer = bus.subscribe(ConsumerOptions.blocking("all"), recorder);
        publishAll(0, 20_000);

        bus.close();
        bus.close();

        assertThat(recorder.events()).hasSize(20_000);
        assertThat(consumer.running()).isFalse();
        assertThatThrownBy(() -> bus.publish(Trade.of("A", 1, 1, 1, 1)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("bus is closed");
        assertThatThrownBy(() -> bus.subscribe(ConsumerOptions.blocking("late"), recorder))
                .isInstanceOf(PermanentException.class);
    }

    @Test
    @DisplayName("B8 a consumer that leaves gets no more; what it had not acknowledged is told, or kept for the next")
    void tellsWhatAConsumerLeavesBehind() throws Exception {
        Gate gate = new Gate();
        BusConsumer consumer =
                bus.subscribe(new ConsumerOptions("leaves", 64, 1, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP), gate);
        for (int i = 0; i < 10; i++) {
            bus.publish(Trade.of("A", i, i, 1, 1));
        }
        gate.awaitCall();
        gate.openAfterInterrupt();
        consumer.close();
        consumer.close();
        bus.publish(Trade.of("A", 10, 10, 1, 1));
        assertThat(bus.drain(LONG)).isTrue();
        assertThat(gate.recorder.events()).hasSizeLessThanOrEqualTo(1);
        if (bus.capabilities().keepsWaiting()) {
            assertThat(listener.dropped()).isZero();
            Recorder next = new Recorder();
            bus.subscribe(ConsumerOptions.blocking("leaves"), next);
            assertThat(bus.drain(LONG)).isTrue();
            assertThat(sequences(next.events()))
                    .containsExactlyElementsOf(range(gate.recorder.events().size(), 11));
        } else {
            assertThat(listener.dropped()).isBetween(9L, 10L);
        }
    }

    @Test
    @DisplayName("B1 shares: on one node each of them gets everything from now on")
    void givesEverythingWhateverTheShare() {
        bus.publish(Trade.of("A", 0, 0, 1, 1));
        Recorder one = new Recorder();
        Recorder every = new Recorder();
        Recorder after = new Recorder();
        bus.subscribe(ConsumerOptions.blocking("one").withShare(Share.amongNodes()), one);
        bus.subscribe(ConsumerOptions.blocking("every").withShare(Share.everyNode()), every);
        bus.subscribe(ConsumerOptions.blocking("after").withShare(Share.everyNodeAfter("one")), after);
        bus.publish(trades(1, 1_000));
        assertThat(bus.drain(LONG)).isTrue();

        for (Recorder recorder : List.of(one, every, after)) {
            assertThat(sequences(recorder.events())).containsExactlyElementsOf(range(1, 1_000));
        }
    }

    @Test
    @DisplayName("B10 a batch is never empty and never larger than its consumer allows")
    void boundsBatches() {
        AtomicInteger largest = new AtomicInteger();
        AtomicInteger smallest = new AtomicInteger(Integer.MAX_VALUE);
        bus.subscribe(
                new ConsumerOptions("small", 1_024, 7, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP),
                (partition, batch) -> {
                    largest.accumulateAndGet(batch.size(), Math::max);
                    smallest.accumulateAndGet(batch.size(), Math::min);
                });
        publishAll(0, 10_000);
        assertThat(bus.drain(LONG)).isTrue();
        assertThat(largest.get()).isBetween(1, 7);
        assertThat(smallest.get()).isPositive();
    }

    private static void await(BooleanSupplier condition) {
        long giveUpNanos = TimeSource.system().monotonicNanos() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(TimeSource.system().monotonicNanos())
                    .as("time until the condition holds")
                    .isLessThan(giveUpNanos);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void publishAll(int from, int to) {
        trades(from, to).forEach(bus::publish);
    }

    private static List<Trade> trades(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Trade.of("S" + i % SYMBOLS, i, i, 1, 1))
                .toList();
    }

    private static List<Long> range(long from, long to) {
        List<Long> numbers = new ArrayList<>();
        for (long i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static List<Long> sequences(List<MarketEvent> events) {
        return sequences(events, true);
    }

    private static List<Long> sequences(List<MarketEvent> events, boolean sorted) {
        List<Long> sequences = new ArrayList<>();
        events.forEach(event -> sequences.add(event.sequence()));
        if (sorted) {
            Collections.sort(sequences);
        }
        return sequences;
    }

    private record Delivered(int partition, MarketEvent event) {}

    private static final class Recorder implements BatchHandler {
        private final List<Delivered> delivered = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void onBatch(int partition, List<MarketEvent> batch) {
            batch.forEach(event -> delivered.add(new Delivered(partition, event)));
        }

        List<Delivered> delivered() {
            return List.copyOf(delivered);
        }

        List<MarketEvent> events() {
            return delivered().stream().map(Delivered::event).toList();
        }
    }

    /** A handler that lets nothing pass until it is opened. */
    private static final class Gate implements BatchHandler {
        private final Recorder recorder = new Recorder();
        private final CountDownLatch called = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);
        private volatile boolean endsWhenInterrupted;

        @Override
        public void onBatch(int partition, List<MarketEvent> batch) {
            called.countDown();
            try {
                if (!opened.await(LONG.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("the test did not open the gate");
                }
            } catch (InterruptedException e) {
                assertThat(endsWhenInterrupted).isTrue();
                throw new TransientException("interrupted", e);
            }
            recorder.onBatch(partition, batch);
        }

        void awaitCall() throws InterruptedException {
            assertThat(called.await(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        }

        void open() {
            opened.countDown();
        }

        void openAfterInterrupt() {
            endsWhenInterrupted = true;
        }
    }
}
