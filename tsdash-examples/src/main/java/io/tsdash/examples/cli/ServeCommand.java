package io.tsdash.examples.cli;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.logs.ServerLog;
import io.tsdash.examples.server.ReferenceServer;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.spi.BusProvider;
import io.tsdash.spi.Buses;
import io.tsdash.spi.FeedProvider;
import io.tsdash.spi.Feeds;
import io.tsdash.spi.OrderGatewayProvider;
import io.tsdash.spi.OrderGateways;
import io.tsdash.spi.StoreProvider;
import io.tsdash.spi.Stores;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tsdash serve}: the reference server. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts the reference server: market data in, a live dashboard in the browser.")
@SuppressWarnings("NullAway.Init") // set by picocli
final class ServeCommand implements Callable<Integer> {
    private static final long CLOSE_MILLIS_MAX = 4_500;
    private static final String ENVIRONMENT_PREFIX = "TSDASH_";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on, 0 picks a free one (8080).")
    private @Nullable String port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on (127.0.0.1); others need --auth, or --anyone.")
    private @Nullable String host;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of what the server keeps itself (data).")
    private @Nullable String data;

    @Mixin
    private StoreFlags store;

    @Mixin
    private BusFlags bus;

    @Mixin
    private RelayFlags relay;

    @Mixin
    private CacheFlags cache;

    @Mixin
    private TraceFlags traces;

    @Option(names = "--feed", paramLabel = "FEED", description = "Where market data comes from (sim); see below.")
    private @Nullable String feed;

    @Option(names = "--speed", paramLabel = "N", description = "Times real time, or max: as fast as it goes (1).")
    private @Nullable String speed;

    @Option(
            names = "--feed-option",
            paramLabel = "NAME=VALUE",
            description = "An option of the feed; may be repeated. sim: seed, symbols, rate, late, duplicates, ...;"
                    + " replay: restamp.")
    private Map<String, String> feedOptions = new LinkedHashMap<>();

    @Option(names = "--intervals", paramLabel = "LIST", description = "The bars that are made (1s,1m,5m,15m,1h).")
    private @Nullable String intervals;

    @Option(
            names = "--lateness",
            paramLabel = "TIME",
            description = "How far behind its symbol a trade may be and still be in a bar (5s).")
    private @Nullable String lateness;

    @Option(names = "--keep-trades", paramLabel = "TIME", description = "How long trades are kept, or forever (7d).")
    private @Nullable String keepTrades;

    @Option(
            names = "--origins",
            paramLabel = "LIST",
            description = "Other origins whose pages may connect, with commas between.")
    private @Nullable String origins;

    @Option(
            names = "--orders",
            paramLabel = "GATEWAY",
            description = "Who takes orders: paper, paper:FILE, none (paper, kept in the data folder).")
    private @Nullable String orders;

    @Option(
            names = "--auth",
            paramLabel = "KEYS",
            description = "Ask clients for a JWT: secret:FILE (HS256), key:FILE (PEM: RS256, ES256),"
                    + " keys:FILE or keys:ADDRESS (JWKS).")
    private @Nullable String auth;

    @Option(names = "--auth-issuer", paramLabel = "TEXT", description = "The issuer that tokens must name.")
    private @Nullable String authIssuer;

    @Option(names = "--auth-audience", paramLabel = "TEXT", description = "The audience that tokens must name.")
    private @Nullable String authAudience;

    @Option(names = "--anyone", description = "Listen on any address without asking who comes.")
    private boolean anyone;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "A certificate in PEM: https and wss.")
    private @Nullable String tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key in PEM.")
    private @Nullable String tlsKey;

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            description = "Over how long clients are told to go when the server stops (500ms).")
    private @Nullable String drain;

    @Option(
            names = "--metrics",
            paramLabel = "WHO",
            description =
                    "Who may read /metrics: open, permission (who has 'metrics', where --auth asks), off (permission).")
    private @Nullable String metrics;

    @Option(
            names = "--native-histograms",
            description = "Have native histograms at /metrics too, for a Prometheus that asks for them.")
    private boolean nativeHistograms;

    @Option(names = "--config", paramLabel = "FILE", description = "A file of settings, a line each: name=value.")
    private @Nullable Path config;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ServerSettings settings = ServerSettings.of(values());
        ServerLog.write(settings.logFormat(), settings.host() + ":" + settings.port(), System.err, TimeSource.system());
        ReferenceServer server = new ReferenceServer(settings, TimeSource.system());
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            close(server, out, settings.drain().toMillis());
                            ended.countDown();
                        },
                        "tsdash-shutdown"));
        String shown = settings.host().equals("0.0.0.0") ? "localhost" : settings.host();
        out.printf(
                Locale.ROOT,
                "tsdash is serving %s at %s://%s:%d/%n",
                settings.feed(),
                settings.access().certificate().isPresent() ? "https" : "http",
                shown,
                server.port());
        out.println("Trades and bars are kept in " + settings.store()
                + settings.barsStore().map(bars -> ", bars in " + bars).orElse("") + "; the bus is " + settings.bus()
                + ". Stop with Ctrl-C.");
        out.flush();
        server.start();
        ended.await();
        return 0;
    }

    /** Returns what stands below the options: the feeds that are there, and where else options can stand. */
    static String[] footer() {
        List<String> lines = new ArrayList<>(List.of("", "Feeds:"));
        for (FeedProvider feed : Feeds.available()) {
            lines.add("  " + feed.name() + ": " + feed.description());
        }
        lines.add("");
        lines.add("Stores:");
        for (StoreProvider store : Stores.available()) {
            lines.add("  " + store.name() + ": " + store.description());
        }
        lines.add("");
        lines.add("Buses:");
        for (BusProvider bus : Buses.available()) {
            lines.add("  " + bus.name() + ": " + bus.description());
        }
        lines.add("");
        lines.add("Order gateways:");
        for (OrderGatewayProvider gateway : OrderGateways.available()) {
            lines.add("  " + gateway.name() + ": " + gateway.description());
        }
        lines.addAll(List.of(
                "",
                "Each option can also stand in a file (--config; lines like port=8080, feed.symbols=100,"
                        + " store.database=ticks) or in the"
                        + " environment (TSDASH_PORT=8080). Flags go before the environment, the environment before"
                        + " the file.",
                "",
                "Stop it with Ctrl-C or SIGTERM: it ends within 5 s, with all that was accepted written."));
        return lines.toArray(String[]::new);
    }

    /** What hangs, such as a disk that does not answer, is left behind: the process ends in time, and says so. */
    private static void close(ReferenceServer server, PrintWriter out, long drainMillis) {
        Thread closing = new Thread(server::close, "tsdash-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(CLOSE_MILLIS_MAX + drainMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closing.isAlive()) {
            out.println("tsdash has not closed all parts in time; what is not in the store by now is lost");
        }
        summary(server.counts(), out);
    }

    private static void summary(PipelineCounts counts, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "tsdash has stopped: %,d trades and %,d quotes in, %,d trades stored, %,d on disk for the store,"
                        + " %,d set aside, %,d not stored, %,d refused%n",
                counts.trades(),
                counts.quotes(),
                counts.stored(),
                counts.onDisk(),
                counts.setAside(),
                counts.notStored(),
                counts.refused());
        out.flush();
    }

    private Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        String file = config != null ? config.toString() : System.getenv(ENVIRONMENT_PREFIX + "CONFIG");
        if (file != null) {
            values.putAll(ofFile(Path.of(file)));
        }
        environment(values);
        values.putAll(new GivenFlags()
                .add("port", port)
                .add("host", host)
                .add("data", data)
                .add("", store.values())
                .add("", bus.values())
                .add("", relay.values())
                .add("", cache.values())
                .add("", traces.values())
                .add("feed", feed)
                .add("speed", speed)
                .add("intervals", intervals)
                .add("lateness", lateness)
                .add("keep-trades", keepTrades)
                .add("origins", origins)
                .add("orders", orders)
                .add("auth", auth)
                .add("auth-issuer", authIssuer)
                .add("auth-audience", authAudience)
                .add("anyone", anyone ? "true" : null)
                .add("tls-cert", tlsCert)
                .add("tls-key", tlsKey)
                .add("drain", drain)
                .add("metrics", metrics)
                .add("native-histograms", nativeHistograms ? "true" : null)
                .add(ServerSettings.FEED_PREFIX, feedOptions)
                .values());
        return values;
    }

    /** Adds what the environment says. */
    static void environment(Map<String, String> values) {
        for (String name : ServerSettings.OPTIONS.keySet()) {
            String value = System.getenv(
                    ENVIRONMENT_PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_'));
            if (value != null) {
                values.put(name, value);
            }
        }
    }

    private static Map<String, String> ofFile(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new ConfigurationException(List.of("config was '" + file + "' but it cannot be read: " + e));
        } catch (IllegalArgumentException e) {
            throw InvalidInputException.of("config", file, "must be lines of name=value: " + e.getMessage());
        }
        Map<String, String> values = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return values;
    }
}
