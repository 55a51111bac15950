package io.tsdash.benchmarks.fanout;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import io.tsdash.benchmarks.Measured;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Our server. Arguments: symbols, milliseconds between ticks, and {@code measured} for one with its metrics on, which are read
 * every 10 s. A line of input asks for counts, the end ends it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the ticker runs until the process ends
public final class TsdashContender {
    private static final long SCRAPE_SECONDS = 10;

    private TsdashContender() {}

    /** Serves until its input ends. */
    public static void main(String[] arguments) throws IOException {
        Market market = new Market(Integer.parseInt(arguments[0]));
        long tickMillis = Long.parseLong(arguments[1]);
        HubCounts counts = new HubCounts();
        boolean measured = arguments.length > 2 && arguments[2].equals("measured");
        Measured metrics = new Measured();
        Hub hub = Hub.builder()
                .listener(measured ? metrics.joined(counts) : counts)
                .build();
        MarketChannels channels = MarketChannels.builder(hub).build();
        hub.start();
        TsdashServerBuilder builder =
                TsdashServer.builder(hub, MarketStore.inMemory()).port(0).connectionsMax(20_000);
        TsdashServer server = (measured ? metrics.measure(builder) : builder).start();
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
        if (measured) {
            metrics.read(hub, server);
            ticker.scheduleAtFixedRate(metrics::scrape, SCRAPE_SECONDS, SCRAPE_SECONDS, TimeUnit.SECONDS);
        }
        try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            channels.declare("feed", market.symbols());
            System.out.println("READY " + server.port());
            ticker.scheduleAtFixedRate(() -> publish(channels, market), 0, tickMillis, TimeUnit.MILLISECONDS);
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                System.out.println(memory(server.connections()) + " " + counts);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ticker.shutdownNow();
            server.close();
            hub.close();
        }
    }

    private static void publish(MarketChannels channels, Market market) {
        try {
            channels.events("feed", market.next());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String memory(int connections) {
        System.gc();
        return String.format(
                Locale.ROOT,
                "connections=%d heap=%d direct=%d pooled=%d",
                connections,
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                PlatformDependent.usedDirectMemory(),
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
    }
}
