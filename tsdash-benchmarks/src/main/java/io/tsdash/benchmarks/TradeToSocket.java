package io.tsdash.benchmarks;

import io.tsdash.benchmarks.fanout.HubCounts;
import io.tsdash.benchmarks.fanout.Subscribers;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.TsdashServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * From a trade handed to the server to its update read from a socket, with no pause between flushes.
 *
 * <p>Trades come at a fixed rate, due at fixed times whether the server keeps up or not; lag counts from when a trade
 * was due, so a stall counts for all that it delays (no coordinated omission). Each subscriber follows each trade of
 * ten symbols. Arguments: trades a second (100000), subscribers (100), seconds (20), symbols (500).
 */
public final class TradeToSocket {
    private static final int EACH = 10;
    private static final long WARM_SECONDS = 10;
    private static final long STEP_NANOS = 250_000;

    private TradeToSocket() {}

    /** Runs it and prints the lag. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rate = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        long seconds = arguments.length > 2 ? Long.parseLong(arguments[2]) : 20;
        int symbols = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 500;
        HubCounts counts = new HubCounts();
        try (Hub hub = Hub.builder().listener(counts).build();
                TsdashServer server = TsdashServer.builder(hub, MarketStore.inMemory())
                        .port(0)
                        .start()) {
            MarketChannels channels = MarketChannels.builder(hub).build();
            hub.start();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < symbols; i++) {
                names.add(String.format(Locale.ROOT, "S%03d", i));
            }
            channels.declare("feed", names);
            Subscribers subscribers = Subscribers.connect(server.port(), count, symbols, EACH);
            publish(channels, names, rate, WARM_SECONDS);
            subscribers.begin();
            double busy = publish(channels, names, rate, seconds);
            TimeUnit.SECONDS.sleep(1);
            Histogram lag = subscribers.end();
            System.out.printf(
                    Locale.ROOT,
                    "%,d trades/s of %d symbols, %d subscribers of %d symbols, %d s: %,d updates read%n"
                            + "lag from when a trade was due: p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.1f ms%n"
                            + "CPU of the process, clients in: %.2f; warm-up in: %s gaps=%d%n",
                    rate,
                    symbols,
                    count,
                    EACH,
                    seconds,
                    lag.getTotalCount(),
                    lag.getValueAtPercentile(50) / 1e6,
                    lag.getValueAtPercentile(90) / 1e6,
                    lag.getValueAtPercentile(99) / 1e6,
                    lag.getValueAtPercentile(99.9) / 1e6,
                    lag.getMaxValue() / 1e6,
                    busy,
                    counts,
                    subscribers.gaps());
            subscribers.close();
        }
    }

    /** Hands over what is due every quarter of a millisecond; returns the CPUs that the process took. */
    private static double publish(MarketChannels channels, List<String> names, int rate, long seconds)
            throws InterruptedException {
        long cpuFrom = cpuNanos();
        long from = System.nanoTime();
        double nanosEach = 1e9 / rate;
        long total = rate * seconds;
        long sent = 0;
        while (sent < total) {
            long dueCount = Math.min(total, (long) ((System.nanoTime() - from) / nanosEach));
            if (dueCount > sent) {
                List<Trade> batch = new ArrayList<>((int) (dueCount - sent));
                for (; sent < dueCount; sent++) {
                    int symbol = (int) (sent * 7 % names.size());
                    long due = from + (long) (sent * nanosEach);
                    batch.add(Trade.of(names.get(symbol), due, sent, (10_000 + sent * 31 % 100) / 100.0, 1));
                }
                channels.events("feed", batch);
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
        return (cpuNanos() - cpuFrom) / (double) (System.nanoTime() - from);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
