package io.tsdash.examples.server;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.logs.LogFormat;
import io.tsdash.model.Interval;
import io.tsdash.resilience.RateLimit;
import io.tsdash.trace.TradeSample;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings of the reference server.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 picks a free one
 * @param data folder of what the server keeps itself: the embedded store, orders, and what waits for a store
 * @param store where trades and bars are kept
 * @param barsStore where bars are kept instead
 * @param storeLanes how many batches may be under way to a store at once
 * @param bus what carries events from the feed to what is made of them
 * @param quietMax how long nothing may come over the bus before prices count as stale; empty where the feed itself says
 * @param feed the feed's text, such as {@code sim} or {@code replay:tape.csv.gz}
 * @param feedOptions the feed's options by name
 * @param intervals the bars that are made
 * @param lateness how far behind its symbol's clock a trade may be and still be in a bar
 * @param keepTrades how long trades are kept; empty for ever
 * @param origins other origins whose pages may connect
 * @param orders the text of the order gateway, such as {@code paper:orders.jsonl}; empty to take no orders
 * @param drain over how long clients are told to go when the server stops
 * @param access who may come in
 * @param relay what several servers share their channels over; empty for one server alone
 * @param cache what is kept close for readers
 * @param userData folder of what users keep; empty: in the cache alone
 * @param metrics who may read the metrics
 * @param nativeHistograms whether they hold Prometheus's native histograms too
 * @param traces where traces go
 * @param logFormat the form of the log
 */
public record ServerSettings(
        String host,
        int port,
        Path data,
        StoreChoice store,
        Optional<StoreChoice> barsStore,
        int storeLanes,
        BusChoice bus,
        Optional<Duration> quietMax,
        String feed,
        Map<String, String> feedOptions,
        List<Interval> intervals,
        Duration lateness,
        Optional<Duration> keepTrades,
        List<String> origins,
        Optional<String> orders,
        Duration drain,
        AccessSettings access,
        Optional<RelayChoice> relay,
        CacheChoice cache,
        Optional<Path> userData,
        MetricsAccess metrics,
        boolean nativeHistograms,
        TraceSettings traces,
        LogFormat logFormat) {

    /** The prefix of an option that is the feed's: {@code feed.symbols=100}. */
    public static final String FEED_PREFIX = "feed.";

    /** The prefix of an option that is the store's: {@code store.database=ticks}. */
    public static final String STORE_PREFIX = "store.";

    /** The prefix of an option of the store for bars. */
    public static final String BARS_STORE_PREFIX = "bars-store.";

    /** The options by name, each with its default as text and what it is. */
    public static final Map<String, Option> OPTIONS = options();

    /** The prefix of an option that is the bus's: {@code bus.topic=ticks}. */
    public static final String BUS_PREFIX = "bus.";

    private static final String NO_FEED = "none";
    private static final String LOCAL = "local";
    private static final Pattern LIMIT = Pattern.compile("(\\d{1,9})/([sm])");
    private static final String EMBEDDED = "duckdb";
    private static final String EMBEDDED_FILE = "tsdash.duckdb";
    private static final int LANES_MAX = 64;
    private static final String PAPER_FILE = "orders.jsonl";
    private static final int PORT_MAX = 65_535;
    private static final Map<String, String> SIMULATION = Map.of(
            "symbols", "60",
            "rate", "1500",
            "outOfOrder", "0.01",
            "late", "0.001",
            "duplicates", "0.001",
            "corrections", "0.0005",
            "cancels", "0.0005");

    /**
     * An option as people see it.
     *
     * @param defaultText its default
     * @param description what it is, in one line
     */
    public record Option(String defaultText, String description) {}

    /** Keeps its own copies. */
    public ServerSettings {
        feedOptions = Map.copyOf(feedOptions);
        intervals = List.copyOf(intervals);
        origins = List.copyOf(origins);
    }

    /**
     * Reads settings from texts by name; what is not given has its default.
     *
     * @throws ConfigurationException with everything that is wrong
     */
    public static ServerSettings of(Map<String, String> given) {
        return new Reader(given).read();
    }

    private static Map<String, Option> options() {
        Map<String, Option> options = new LinkedHashMap<>();
        options.put("port", new Option("8080", "port to listen on; 0 picks a free one"));
        options.put(
                "host", new Option("127.0.0.1", "address to listen on; others than the loopback need auth, or anyone"));
        options.put("data", new Option("data", "folder of what the server keeps itself"));
        options.put("store", new Option("duckdb", "where trades and bars are kept"));
        options.put(
                "store-url", new Option("", "address of the store; of duckdb a file, in the data folder if not given"));
        options.put("store-user", new Option("", "user of the store"));
        options.put("store-password", new Option("", "password of the store"));
        options.put("store-lanes", new Option("", "batches under way to a store at once; duckdb 1, others 2"));
        options.put("bars-store", new Option("", "another store, for bars only"));
        options.put("bars-store-url", new Option("", "address of the store for bars"));
        options.put("bars-store-user", new Option("", "user of the store for bars"));
        options.put("bars-store-password", new Option("", "password of the store for bars"));
        options.put("bus", new Option("in-process", "what carries events; kafka: between several servers"));
        options.put("bus-url", new Option("", "address of the bus, such as 127.0.0.1:9092"));
        options.put(
                "bus-quiet",
                new Option("5s", "without a feed of its own: prices are stale after so long without events"));
        options.put("feed", new Option("sim", "where market data comes from"));
        options.put("speed", new Option("1", "times real time; max is as fast as it goes"));
        options.put("intervals", new Option("1s,1m,5m,15m,1h", "the bars that are made, with commas between"));
        options.put("lateness", new Option("5s", "how far behind its symbol a trade may be and still be in a bar"));
        options.put("keep-trades", new Option("7d", "how long trades are kept, by event time; forever keeps all"));
        options.put("origins", new Option("", "other origins whose pages may connect, with commas between"));
        options.put("orders", new Option("paper", "who takes orders: paper (kept in data), paper:FILE, none"));
        options.put("auth", new Option("", "keys of tokens: secret:FILE, key:FILE (PEM), keys:FILE or keys:ADDRESS"));
        options.put("auth-issuer", new Option("", "issuer that tokens must name"));
        options.put("auth-audience", new Option("", "audience that tokens must name"));
        options.put("anyone", new Option("false", "true: listen on any address without asking who comes"));
        options.put("tls-cert", new Option("", "file of a certificate, PEM: https and wss"));
        options.put("tls-key", new Option("", "file of the certificate's key, PEM"));
        options.put("drain", new Option("500ms", "over how long clients are told to go when the server stops"));
        options.put(
                "relay", new Option("", "Redis over which several servers share their channels: redis://HOST:PORT"));
        options.put("relay-name", new Option("tsdash", "tells groups of servers apart that share one Redis"));
        options.put("relay-node", new Option("", "this server's name for people; its host and port if not given"));
        options.put("relay-lease", new Option("2s", "how long a leader may be silent before another takes over"));
        options.put(
                "cache",
                new Option(
                        "local", "where charts, last prices and watch-lists are kept close: local, redis://HOST:PORT"));
        options.put(
                "user-data",
                new Option("", "folder of watch-lists, for good; without it they stay a day, as long as the cache"));
        options.put("rate-limit", new Option("", "REST requests of each user or address, such as 50/s,1000/m"));
        options.put(
                "metrics",
                new Option(
                        "permission",
                        "who may read /metrics: open (everyone), permission (who has 'metrics', where clients are asked"
                                + " who they are), off"));
        options.put(
                "native-histograms",
                new Option("false", "true: /metrics has native histograms too, for a Prometheus that asks for them"));
        options.put(
                "traces",
                new Option("", "where traces go, by OTLP: otlp://HOST:PORT (gRPC), http://HOST:PORT/v1/traces"));
        options.put("trace-sample", new Option("0.001", "share of the trades that are traced, 0 to 1"));
        options.put("trace-rate", new Option("10", "how many trades a second are traced at most, 1 to 1000000"));
        options.put("log-format", new Option("text", "form of the log: text, or ecs: JSON for Elasticsearch"));
        return Collections.unmodifiableMap(options);
    }

    /** Collects what is wrong while it reads. */
    private static final class Reader {
        private final Map<String, String> given;
        private final List<String> problems = new ArrayList<>();

        Reader(Map<String, String> given) {
            this.given = given;
        }

        ServerSettings read() {
            String feed = text("feed");
            Map<String, String> feedOptions = new LinkedHashMap<>();
            if (feed.equals("sim")) {
                feedOptions.putAll(SIMULATION);
            }
            for (String name : new TreeSet<>(given.keySet())) {
                if (name.startsWith(FEED_PREFIX)) {
                    feedOptions.put(name.substring(FEED_PREFIX.length()), text(name));
                } else if (!OPTIONS.containsKey(name)
                        && !name.startsWith(STORE_PREFIX)
                        && !name.startsWith(BARS_STORE_PREFIX)
                        && !name.startsWith(BUS_PREFIX)) {
                    problems.add(name + " is no option; there are " + String.join(", ", OPTIONS.keySet())
                            + " and feed.NAME, store.NAME, bars-store.NAME and bus.NAME");
                }
            }
            if (given.containsKey("speed")) {
                feedOptions.put("speed", text("speed")); // not its default: a live feed has no such option
            }
            ServerSettings settings = new ServerSettings(
                    text("host"),
                    wholeNumber("port", 0, PORT_MAX),
                    Path.of(text("data")),
                    store("store"),
                    text("bars-store").isEmpty() ? Optional.empty() : Optional.of(store("bars-store")),
                    lanes(),
                    new BusChoice(text("bus"), text("bus-url"), options("bus")),
                    feed.equals(NO_FEED) ? duration("bus-quiet") : Optional.empty(),
                    feed,
                    feedOptions,
                    intervals(),
                    duration("lateness").orElse(Duration.ZERO),
                    text("keep-trades").equals("forever") ? Optional.empty() : duration("keep-trades"),
                    list("origins"),
                    orders(),
                    duration("drain").orElse(Duration.ZERO),
                    access(),
                    relay(),
                    cache(),
                    file("user-data"),
                    metrics(),
                    flag("native-histograms"),
                    traces(),
                    logFormat());
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return settings;
        }

        private StoreChoice store(String option) {
            String name = text(option);
            String address = text(option + "-url");
            if (address.isEmpty() && name.equals(EMBEDDED)) {
                address = Path.of(text("data"), EMBEDDED_FILE).toString();
            }
            Map<String, String> options = new LinkedHashMap<>();
            for (String each : List.of("user", "password")) {
                if (!text(option + "-" + each).isEmpty()) {
                    options.put(each, text(option + "-" + each));
                }
            }
            options.putAll(options(option));
            return new StoreChoice(name, address, options);
        }

        private Map<String, String> options(String owner) {
            Map<String, String> options = new LinkedHashMap<>();
            given.forEach((key, value) -> {
                if (key.startsWith(owner + ".")) {
                    options.put(key.substring(owner.length() + 1), value.strip());
                }
            });
            return options;
        }

        private int lanes() {
            String text = text("store-lanes");
            if (text.isEmpty()) {
                return text("store").equals(EMBEDDED) ? 1 : 2;
            }
            return wholeNumber("store-lanes", 1, LANES_MAX);
        }

        private Optional<String> orders() {
            String text = text("orders");
            if (!text("relay").isEmpty() && !given.containsKey("orders")) {
                return Optional.empty();
            }
            if (text.equals("none") || text.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(text.equals("paper") ? "paper:" + Path.of(text("data"), PAPER_FILE) : text);
        }

        private Optional<RelayChoice> relay() {
            String address = text("relay");
            if (address.isEmpty()) {
                return Optional.empty();
            }
            only("store", !text("store").equals(EMBEDDED), "one that all servers reach");
            only("bus", text("bus").equals("in-process"), "in-process: the leader alone makes the channels");
            only("orders", orders().isEmpty(), "none: an account is on one server, and clients are not");
            String node = text("relay-node").isEmpty() ? text("host") + ":" + text("port") : text("relay-node");
            return Optional.of(new RelayChoice(
                    address, text("relay-name"), node, duration("relay-lease").orElse(Duration.ZERO)));
        }

        private CacheChoice cache() {
            List<RateLimit> limits = new ArrayList<>();
            for (String text : list("rate-limit")) {
                Matcher limit = LIMIT.matcher(text);
                if (limit.matches() && Long.parseLong(limit.group(1)) > 0) {
                    long permits = Long.parseLong(limit.group(1));
                    limits.add(
                            limit.group(2).equals("s") ? RateLimit.perSecond(permits) : RateLimit.perMinute(permits));
                } else {
                    problems.add("rate-limit was '" + text + "' but it must be like 50/s or 1000/m");
                }
            }
            String cache = text("cache");
            return new CacheChoice(cache.equals(LOCAL) ? Optional.empty() : Optional.of(cache), limits);
        }

        private MetricsAccess metrics() {
            String text = text("metrics");
            for (MetricsAccess each : MetricsAccess.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return each;
                }
            }
            problems.add("metrics was '" + text + "' but it must be open, permission or off");
            return MetricsAccess.OFF;
        }

        private TraceSettings traces() {
            Optional<URI> address =
                    Optional.of(text("traces")).filter(text -> !text.isEmpty()).flatMap(this::traceAddress);
            int perSecondMax = wholeNumber("trace-rate", 1, TradeSample.PER_SECOND_MOST);
            return new TraceSettings(address, new TradeSample(traceShare(), perSecondMax));
        }

        private double traceShare() {
            try {
                double share = Double.parseDouble(text("trace-sample"));
                if (share >= 0 && share <= 1) {
                    return share;
                }
            } catch (NumberFormatException e) {
                // told below: the rule is the same
            }
            problems.add("trace-sample was '" + text("trace-sample") + "' but it must be 0 to 1");
            return 0;
        }

        private Optional<URI> traceAddress(String text) {
            try {
                URI address = new URI(text);
                String scheme = String.valueOf(address.getScheme());
                if (List.of("otlp", "http", "https").contains(scheme)
                        && address.getHost() != null
                        && (!scheme.equals("otlp") || address.getPort() > 0)) {
                    return Optional.of(address);
                }
            } catch (URISyntaxException e) {
                // told below: the rule is the same
            }
            problems.add("traces was '" + text
                    + "' but it must be otlp://HOST:PORT, or http://HOST:PORT/PATH or https://HOST:PORT/PATH");
            return Optional.empty();
        }

        private LogFormat logFormat() {
            for (LogFormat format : LogFormat.values()) {
                if (format.name().toLowerCase(Locale.ROOT).equals(text("log-format"))) {
                    return format;
                }
            }
            problems.add("log-format was '" + text("log-format") + "' but it must be text or ecs");
            return LogFormat.TEXT;
        }

        private void only(String option, boolean fits, String rule) {
            if (!fits) {
                problems.add(option + " was '" + text(option) + "' but with relay it must be " + rule);
            }
        }

        private AccessSettings access() {
            if (text("tls-cert").isEmpty() != text("tls-key").isEmpty()) {
                problems.add("tls-cert was '" + text("tls-cert") + "' and tls-key '" + text("tls-key")
                        + "' but both or none must be given");
            }
            return new AccessSettings(
                    text("auth"),
                    text("auth-issuer"),
                    text("auth-audience"),
                    flag("anyone"),
                    file("tls-cert"),
                    file("tls-key"));
        }

        private boolean flag(String name) {
            String text = text(name);
            if (!text.equals("true") && !text.equals("false")) {
                problems.add(name + " was '" + text + "' but it must be true or false");
            }
            return text.equals("true");
        }

        private Optional<Path> file(String name) {
            return Optional.of(text(name)).filter(text -> !text.isEmpty()).map(Path::of);
        }

        private String text(String name) {
            String value = given.get(name);
            if (value != null) {
                return value.strip();
            }
            Option option = OPTIONS.get(name);
            return option == null ? "" : option.defaultText();
        }

        private int wholeNumber(String name, int least, int most) {
            try {
                int number = Integer.parseInt(text(name));
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below: the rule is the same
            }
            problems.add(name + " was '" + text(name) + "' but it must be " + least + " to " + most);
            return least;
        }

        private List<Interval> intervals() {
            List<Interval> intervals = new ArrayList<>();
            for (String text : list("intervals")) {
                try {
                    intervals.add(Interval.parse(text));
                } catch (InvalidInputException e) {
                    problems.add("intervals: " + e.getMessage());
                }
            }
            if (list("intervals").isEmpty()) {
                problems.add("intervals was empty but it must name at least one");
            }
            return intervals;
        }

        private Optional<Duration> duration(String name) {
            String text = text(name);
            if (text.matches("\\d{1,6}d")) {
                return Optional.of(Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1))));
            }
            if (text.matches("0+(ms|s|m|h)")) {
                return Optional.of(Duration.ZERO);
            }
            try {
                return Optional.of(Interval.parse(text).size());
            } catch (InvalidInputException e) {
                problems.add(name + " was '" + text + "' but it must be a time like 5s, 10m, 2h or 7d");
                return Optional.empty();
            }
        }

        private List<String> list(String name) {
            return Arrays.stream(text(name).split(",", -1))
                    .map(String::strip)
                    .filter(each -> !each.isEmpty())
                    .toList();
        }
    }
}
