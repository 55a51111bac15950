package io.tsdash.examples.recipes;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** One stream of events, two consumers: one that must get everything, and one that must never hold up the market. */
public final class BusWithTwoConsumers {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z

    private BusWithTwoConsumers() {}

    /** Prints what each consumer has got. */
    public static void main(String[] args) {
        LongAdder trades = new LongAdder();
        LongAdder events = new LongAdder();
        try (EventBus bus = EventBus.inProcess(BusOptions.partitions(2), new Printing(), TimeSource.system())) {
            BusConsumer ledger = bus.subscribe(
                    ConsumerOptions.blocking("ledger"),
                    (partition, batch) ->
                            batch.stream().filter(Trade.class::isInstance).forEach(trade -> trades.increment()));
            BusConsumer screen =
                    bus.subscribe(ConsumerOptions.dropping("screen"), (partition, batch) -> events.add(batch.size()));

            bus.publish(List.of(
                    Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100),
                    Trade.of("MSFT", HALF_PAST_TWO, 1, 402.5, 10),
                    new Quote("AAPL", HALF_PAST_TWO, HALF_PAST_TWO, 2, 150.2, 150.3, 400, 300)));

            boolean all = bus.drain(Duration.ofSeconds(5));
            System.out.println("all acknowledged: " + all);
            System.out.println(ledger.name() + ": " + trades + " trades, lag " + ledger.lag());
            System.out.println(screen.name() + ": " + events + " events, " + screen.dropped() + " dropped");
        }
    }

    /** Nothing that a bus does beside delivering is silent. */
    private static final class Printing implements BusListener {
        @Override
        public void onDropped(String consumer, int partition, long count) {
            System.out.println(consumer + " lost " + count + " events");
        }

        @Override
        public void onUnsent(int partition, long count, RuntimeException cause) {
            System.out.println(count + " events were not sent: " + cause);
        }

        @Override
        public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
            System.out.println(consumer + " tries again: " + cause);
        }

        @Override
        public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
            System.out.println(consumer + " skipped " + count + " events: " + cause);
        }

        @Override
        public void onStopped(String consumer, int partition, RuntimeException cause) {
            System.out.println(consumer + " has stopped: " + cause);
        }
    }
}
