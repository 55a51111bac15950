package io.tsdash.benchmarks;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.examples.server.ReferenceServer;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.spi.Feeds;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * The simulator at full speed through bus, aggregation, store and hub of the reference server, with ten clients.
 *
 * <p>Nine clients follow all prices and all minute bars at 100 ms, one each trade of a symbol at once; lag is from the
 * feed's hand to that client's, in one process. Arguments: seconds (60), symbols (500), share of quotes (0.2),
 * events a second, or max (max).
 */
public final class WholeServerLoad {
    private static final int CLIENTS = 10;
    private static final long LAG_MAX_NANOS = TimeUnit.MINUTES.toNanos(5);

    private WholeServerLoad() {}

    /** Runs it and prints what was measured; exits with 1 if anything was lost without being told. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
        String symbols = arguments.length > 1 ? arguments[1] : "500";
        String quotes = arguments.length > 2 ? arguments[2] : "0.2";
        String rate = arguments.length > 3 ? arguments[3] : "max";
        Path folder = Files.createTempDirectory("tsdash-load");
        boolean whole = run(seconds, symbols, quotes, rate, folder);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        System.exit(whole ? 0 : 1);
    }

    private static boolean run(int seconds, String symbols, String quotes, String rate, Path folder)
            throws InterruptedException {
        TimeSource time = TimeSource.system();
        Map<String, String> options = Map.of(
                "symbols", symbols,
                "quotes", quotes,
                // At full speed too, market time goes about as fast as the clock: as busy a market as the load.
                "rate", rate.equals("max") ? "150000" : rate,
                "speed", rate.equals("max") ? "max" : "1",
                "outOfOrder", "0.01",
                "late", "0.001",
                "duplicates", "0.001",
                "corrections", "0.0005",
                "cancels", "0.0005");
        ServerSettings settings = ServerSettings.of(
                Map.of("port", "0", "data", folder.toString(), "keep-trades", "forever", "intervals", "1s,1m,5m,1h"));
        LagProbe probe = new LagProbe(Feeds.open("sim", options, time));
        ReferenceServer server = new ReferenceServer(settings, probe, time);
        List<TsdashClient> clients = new ArrayList<>();
        for (int i = 1; i < CLIENTS; i++) {
            TsdashClient client = TsdashClient.connect(at(server, "prices"), 100, 1, TsdashClientListener.none());
            client.subscribe(List.of("prices:*", "bars:1m:*"));
            clients.add(client);
        }
        TsdashClient each = TsdashClient.connect(at(server, "trades"), 0, 1, probe);
        each.subscribe(List.of("trades:" + LagProbe.SYMBOL + "*"));
        clients.add(each);

        long cpuBefore = cpuNanos();
        long before = System.nanoTime();
        server.start();
        for (int second = 1; second <= seconds; second++) {
            long left = before + TimeUnit.SECONDS.toNanos(second) - System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
            if (second % 10 == 0) {
                PipelineCounts counts = server.counts();
                System.out.printf(
                        Locale.ROOT,
                        "%3d s: %,d trades in, %,d stored, %,d bars%n",
                        second,
                        counts.trades(),
                        counts.stored(),
                        counts.barsClosed());
            }
        }
        double elapsed = (System.nanoTime() - before) / 1e9;
        PipelineCounts counts = server.counts();
        double cpu = (cpuNanos() - cpuBefore) / 1e9;
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        probe.close();
        boolean drained = server.drain(Duration.ofSeconds(30));
        PipelineCounts end = server.counts();
        long rows = server.store().tradeCount();
        clients.forEach(TsdashClient::close);
        Map<String, Long> events = server.events();
        server.close();

        System.out.printf(
                Locale.ROOT,
                "sustained %.0f s: %,.0f trades/s stored, %,.0f events/s in, CPU %.2f of %d cores, heap %,d MB, RSS %s%n",
                elapsed,
                counts.stored() / elapsed,
                (counts.trades() + counts.quotes()) / elapsed,
                cpu / elapsed,
                Runtime.getRuntime().availableProcessors(),
                heap >> 20,
                rss());
        System.out.printf(
                Locale.ROOT,
                "lag, feed to socket to client, %d clients: p50 %.1f ms, p99 %.1f ms, max %.1f ms over %,d trades%n",
                CLIENTS,
                probe.lag.getValueAtPercentile(50) / 1e6,
                probe.lag.getValueAtPercentile(99) / 1e6,
                probe.lag.getMaxValue() / 1e6,
                probe.lag.getTotalCount());
        System.out.println("counts at the end: " + end);
        System.out.println("events told: " + events);
        System.out.printf(Locale.ROOT, "rows in the store without cancelled ones: %,d%n", rows);
        boolean whole = drained && end.published() == end.trades() + end.quotes() && end.stored() == end.trades();
        System.out.println(whole ? "nothing was lost" : "SOMETHING WAS LOST");
        return whole;
    }

    private static URI at(ReferenceServer server, String path) {
        return URI.create("ws://127.0.0.1:" + server.port() + "/" + path);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static String rss() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS"))
                    .map(line -> line.replaceAll("\\D+", "") + " kB")
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Stands between the simulator and the server, and at the end of the line: notes when a trade left and came. */
    private static final class LagProbe implements Feed, FeedListener, TsdashClientListener {
        static final String SYMBOL = "AAPL";

        final ConcurrentHistogram lag = new ConcurrentHistogram(LAG_MAX_NANOS, 3);
        private final Map<String, Long> sent = new ConcurrentHashMap<>();
        private final Feed simulator;
        private @Nullable FeedListener server;

        LagProbe(Feed simulator) {
            this.simulator = simulator;
        }

        @Override
        public String name() {
            return simulator.name();
        }

        @Override
        public void start(FeedListener listener) {
            server = listener;
            simulator.start(this);
        }

        @Override
        public void close() {
            simulator.close();
        }

        @Override
        public void onTrade(Trade trade) {
            if (trade.symbol().equals(SYMBOL) && trade.version() == 0) {
                sent.putIfAbsent(Long.toString(trade.sequence()), System.nanoTime());
            }
            server().onTrade(trade);
        }

        @Override
        public void onQuote(Quote quote) {
            server().onQuote(quote);
        }

        @Override
        public void onGap(Gap gap) {
            server().onGap(gap);
        }

        @Override
        public void onState(ConnectionState state, String reason) {
            server().onState(state, reason);
        }

        @Override
        public void onRefused(Refused refused) {
            server().onRefused(refused);
        }

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            long now = System.nanoTime();
            if (message instanceof ServerMessage.Delta delta) {
                for (Map<String, @Nullable Object> row : delta.rows()) {
                    Long at = sent.remove(String.valueOf(row.get("id")));
                    if (at != null) {
                        lag.recordValue(Math.min(LAG_MAX_NANOS, now - at));
                    }
                }
            }
        }

        @Override
        public void connection(boolean open, String reason) {}

        private FeedListener server() {
            FeedListener listener = server;
            if (listener == null) {
                throw new IllegalStateException("the feed was not started");
            }
            return listener;
        }
    }
}
