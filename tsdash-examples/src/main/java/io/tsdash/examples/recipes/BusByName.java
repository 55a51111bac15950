package io.tsdash.examples.recipes;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.bus.Share;
import io.tsdash.model.Trade;
import io.tsdash.spi.Buses;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** A bus by its name, such as {@code kafka localhost:9092}: work that is done once, and a view that every node has. */
public final class BusByName {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z

    private BusByName() {}

    /** Arguments: the kind of bus and its address; without any, the bus within the process. */
    public static void main(String[] args) {
        String name = args.length > 0 ? args[0] : "in-process";
        String address = args.length > 1 ? args[1] : "";
        LongAdder stored = new LongAdder();
        LongAdder seen = new LongAdder();
        try (EventBus bus = Buses.open(name, address, Map.of("partitions", "8"), new Printing(), TimeSource.system())) {
            bus.subscribe(ConsumerOptions.blocking("store"), (partition, batch) -> stored.add(batch.size()));
            bus.subscribe(
                    ConsumerOptions.blocking("view").withShare(Share.everyNodeAfter("store")),
                    (partition, batch) -> seen.add(batch.size()));
            bus.publish(List.of(Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100)));
            boolean all = bus.drain(Duration.ofSeconds(30));
            System.out.println("all acknowledged: " + all + ", " + stored + " stored, " + seen + " seen");
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
