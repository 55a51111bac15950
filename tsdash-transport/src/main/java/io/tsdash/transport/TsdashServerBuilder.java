package io.tsdash.transport;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tsdash.cache.NewestBars;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.error.ConfigurationException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.orders.OrderGateway;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.store.MarketStore;
import io.tsdash.trace.Tracer;
import io.tsdash.transport.access.AccessListener;
import io.tsdash.transport.access.Authenticator;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Sets up a {@link TsdashServer}. Single-threaded. */
public final class TsdashServerBuilder {
    private static final int PORT_MAX = 65_535;
    private static final Pattern PAGE = Pattern.compile("(/[a-z][a-z0-9-]*)+");

    private final Hub hub;
    private final MarketStore store;
    private String host = "127.0.0.1";
    private int port = 8080;
    private int frameBytesMax = 1 << 16;
    private int connectionsMax = 20_000;
    private int ioThreads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private int restThreads = 4;
    private int restQueueMax = 64;
    private Duration restTimeout = Duration.ofSeconds(10);
    private Duration idle = Duration.ofSeconds(30);
    private Duration handshake = Duration.ofSeconds(10);
    private boolean compression = true;
    private final Set<String> origins = new LinkedHashSet<>();
    private List<WireCodec> codecs = WireCodec.all();
    private String folder = "META-INF/resources/dashboard";
    private final Map<String, Supplier<Optional<String>>> checks = new LinkedHashMap<>();
    private final Map<String, Supplier<Optional<String>>> helpfulChecks = new LinkedHashMap<>();
    private Optional<Authenticator> authenticator = Optional.empty();
    private Duration authenticateWithin = Duration.ofSeconds(10);
    private ConnectionListener connectionListener = ConnectionListener.none();
    private TrafficListener trafficListener = TrafficListener.NONE;
    private final Map<String, ServedPage> pages = new LinkedHashMap<>();
    private AccessListener accessListener = AccessListener.none();
    private Optional<KeyedRateLimiter> limiter = Optional.empty();
    private boolean withoutAuthentication;
    private Optional<OrderGateway> orders = Optional.empty();
    private Optional<UserData> users = Optional.empty();
    private Consumer<PriceUpdate> shows = price -> {};
    private Tracing tracing = Tracing.NONE;
    private Optional<FallbackChain<String, PriceUpdate>> latest = Optional.empty();
    private Optional<NewestBars> newest = Optional.empty();
    private @Nullable Path certificate;
    private @Nullable Path privateKey;

    TsdashServerBuilder(Hub hub, MarketStore store) {
        this.hub = hub;
        this.store = store;
    }

    /** Sets the address to listen on; the loopback by default. Others need an {@link #authenticator}. */
    public TsdashServerBuilder host(String value) {
        host = value;
        return this;
    }

    /** Sets the port; 8080 by default, 0 picks a free one. */
    public TsdashServerBuilder port(int value) {
        port = value;
        return this;
    }

    /**
     * Sets the size of the largest frame or request from a client, and of a message whose fragments were joined and
     * inflated; 64 KiB by default.
     */
    public TsdashServerBuilder frameBytesMax(int value) {
        frameBytesMax = value;
        return this;
    }

    /** Sets how many connections there may be; 20,000 by default. */
    public TsdashServerBuilder connectionsMax(int value) {
        connectionsMax = value;
        return this;
    }

    /** Sets the number of event loops; half the processors by default. */
    public TsdashServerBuilder ioThreads(int value) {
        ioThreads = value;
        return this;
    }

    /**
     * Sets how many REST requests are worked on at a time, and how many may wait; 4 and 64 by default. Requests that ask the
     * store and those that do not have as many each, so that a slow store holds up only its own.
     */
    public TsdashServerBuilder restWorkers(int threads, int queueMax) {
        restThreads = threads;
        restQueueMax = queueMax;
        return this;
    }

    /** Sets the longest time of a REST request; 10 s by default. */
    public TsdashServerBuilder restTimeout(Duration value) {
        restTimeout = value;
        return this;
    }

    /** Sets how long a connection may say nothing before it is asked, and then closed; 30 s by default. */
    public TsdashServerBuilder idle(Duration value) {
        idle = value;
        return this;
    }

    /** Sets the longest time from the first byte of a request or handshake to its last; 10 s by default. */
    public TsdashServerBuilder handshakeTimeout(Duration value) {
        handshake = value;
        return this;
    }

    /**
     * Sets whether frames are deflated for clients that offer permessage-deflate; on by default. It saves bytes for
     * some CPU time of the event loops, and is never used for a form that is compact.
     */
    public TsdashServerBuilder compression(boolean value) {
        compression = value;
        return this;
    }

    /** Sets who learns which connections the server ended because of their clients; nobody by default. */
    public TsdashServerBuilder connectionListener(ConnectionListener value) {
        connectionListener = value;
        return this;
    }

    /** Sets who hears what goes over connections; nobody by default. */
    public TsdashServerBuilder trafficListener(TrafficListener value) {
        trafficListener = value;
        return this;
    }

    /**
     * Adds a page that everyone may see.
     *
     * @param path such as {@code /metrics}; nothing else may be there
     * @param page makes it for each request
     */
    public TsdashServerBuilder page(String path, Page page) {
        pages.put(path, new ServedPage(page, ""));
        return this;
    }

    /**
     * Adds a page that needs a permission, on a server that asks who its clients are; where it asks nobody, everyone may see
     * it.
     *
     * @param path such as {@code /metrics}; nothing else may be there
     * @param permission what a client's grant must cover, such as {@code metrics}
     * @param page makes it for each request
     */
    public TsdashServerBuilder page(String path, String permission, Page page) {
        pages.put(path, new ServedPage(page, permission));
        return this;
    }

    /** Adds origins, such as {@code https://desk.example.com}, whose pages may connect; the server's own always may. */
    public TsdashServerBuilder allowOrigins(Collection<String> values) {
        origins.addAll(values);
        return this;
    }

    /** Sets the forms of the wire that WebSockets may choose from, the first for who asks for none; all by default. */
    public TsdashServerBuilder codecs(List<WireCodec> values) {
        codecs = List.copyOf(values);
        return this;
    }

    /** Sets the folder of the class path with the page; {@code META-INF/resources/dashboard} by default. */
    public TsdashServerBuilder staticFolder(String value) {
        folder = value;
        return this;
    }

    /** Sets who reads tokens, such as a {@link io.tsdash.transport.access.JwtAuthenticator}; by default nobody is asked. */
    public TsdashServerBuilder authenticator(Authenticator value) {
        authenticator = Optional.of(value);
        return this;
    }

    /** Sets how soon the client of a WebSocket must have said who it is; 10 s by default. */
    public TsdashServerBuilder authenticateWithin(Duration value) {
        authenticateWithin = value;
        return this;
    }

    /** Sets who learns of refused clients and commands. */
    public TsdashServerBuilder accessListener(AccessListener value) {
        accessListener = value;
        return this;
    }

    /**
     * Sets who counts requests of REST and for streams, such as a {@link io.tsdash.resilience.LocalRateLimiter} or one that
     * several servers share. Its keys are {@code user:NAME}, or {@code address:IP} of a client that is not known. By default each user's
     * {@link io.tsdash.transport.access.Quotas} say how many, and clients that are not known are not counted.
     *
     * @param value may block for some seconds at most; when it throws, requests are answered with 503
     */
    public TsdashServerBuilder rateLimiter(KeyedRateLimiter value) {
        limiter = Optional.of(value);
        return this;
    }

    /**
     * Lets a server without an authenticator listen on an address other than the loopback: everyone who reaches it sees
     * everything and may place orders. For networks where that is meant.
     */
    public TsdashServerBuilder withoutAuthentication() {
        withoutAuthentication = true;
        return this;
    }

    /**
     * Encrypts all connections: https and wss, TLS 1.2 and 1.3.
     *
     * @param certificatePem file of the certificate and those above it
     * @param privateKeyPem file of its private key, PKCS#8, not encrypted
     */
    public TsdashServerBuilder tls(Path certificatePem, Path privateKeyPem) {
        certificate = certificatePem;
        privateKey = privateKeyPem;
        return this;
    }

    /** Sets who takes orders; not started yet, and closed by the caller after the server. By default nobody does. */
    public TsdashServerBuilder orders(OrderGateway value) {
        orders = Optional.of(value);
        return this;
    }

    /**
     * Sets where the latest price of a symbol comes from when it is asked for by REST; live from the hub by default, else what
     * the hub saw last.
     *
     * @param value its first source is live, and answers of the others are marked as stale
     */
    public TsdashServerBuilder latest(FallbackChain<String, PriceUpdate> value) {
        latest = Optional.of(value);
        return this;
    }

    /** Sets what answers for the newest bars of a symbol in place of the store; closed by the caller after the server. */
    public TsdashServerBuilder newestBars(NewestBars value) {
        newest = Optional.of(value);
        return this;
    }

    /** Sets who keeps texts of users, at {@code /user/NAME}; closed by the caller after the server. By default nobody does. */
    public TsdashServerBuilder userData(UserData value) {
        users = Optional.of(value);
        return this;
    }

    /**
     * Sets who takes the last known price of a symbol of a watch-list that has no live one, such as
     * {@link io.tsdash.distribution.MarketChannels#lastKnown}; nobody by default.
     *
     * @param value may block for a moment
     */
    public TsdashServerBuilder showLastKnown(Consumer<PriceUpdate> value) {
        shows = value;
        return this;
    }

    /**
     * Sets what records the steps of subscriptions, and of requests whose clients are traced; nothing by default.
     *
     * @param value records spans
     * @param bus names the bus by which the hub's channels get their events, such as {@code kafka}
     */
    public TsdashServerBuilder tracer(Tracer value, String bus) {
        tracing = new Tracing(value, bus);
        return this;
    }

    /**
     * Adds a condition for being ready.
     *
     * @param name of the part
     * @param problem gives the reason when it is not ready; may block for a moment
     */
    public TsdashServerBuilder readyWhen(String name, Supplier<Optional<String>> problem) {
        checks.put(name, problem);
        return this;
    }

    /**
     * Adds a part that the server can do without for a while: when it is away the server is degraded, and stays ready.
     *
     * @param name of the part
     * @param problem gives the reason when it is away; may block for a moment
     */
    public TsdashServerBuilder degradedWhen(String name, Supplier<Optional<String>> problem) {
        helpfulChecks.put(name, problem);
        return this;
    }

    /**
     * Starts the server.
     *
     * @throws ConfigurationException naming everything that is wrong
     * @throws io.tsdash.error.PermanentException if it cannot listen there; says why and what to do
     */
    public TsdashServer start() {
        List<String> problems = new ArrayList<>();
        check(problems, port >= 0 && port <= PORT_MAX, "port was '" + port + "' but it must be 0 to " + PORT_MAX);
        check(problems, !host.isBlank(), "host was blank but it must name an address to listen on");
        check(problems, !codecs.isEmpty(), "codecs was empty but a WebSocket needs at least one form");
        atLeastOne(problems, "frameBytesMax", frameBytesMax);
        atLeastOne(problems, "connectionsMax", connectionsMax);
        atLeastOne(problems, "ioThreads", ioThreads);
        atLeastOne(problems, "restThreads", restThreads);
        atLeastOne(problems, "restQueueMax", restQueueMax);
        atLeastOne(problems, "restTimeout in ms", restTimeout.toMillis());
        atLeastOne(problems, "idle in ms", idle.toMillis());
        atLeastOne(problems, "handshakeTimeout in ms", handshake.toMillis());
        atLeastOne(problems, "authenticateWithin in ms", authenticateWithin.toMillis());
        check(
                problems,
                authenticator.isPresent() || withoutAuthentication || isLoopback(host),
                "host was '" + host + "' but a server without authenticator must listen on the loopback, or be told"
                        + " withoutAuthentication()");
        for (String path : pages.keySet()) {
            check(
                    problems,
                    PAGE.matcher(path).matches()
                            && Routes.pattern(path, Set.of()).equals(Routes.FILES),
                    "page was '" + path + "' but it must be like /name, and nothing else may be there");
        }
        Optional<SslContext> tls = tls(problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        ServerConfig config = new ServerConfig(
                host,
                port,
                frameBytesMax,
                connectionsMax,
                ioThreads,
                restThreads,
                restQueueMax,
                restTimeout,
                idle,
                handshake,
                compression,
                Set.copyOf(origins),
                List.copyOf(codecs),
                folder,
                new LinkedHashMap<>(checks),
                new LinkedHashMap<>(helpfulChecks),
                connectionListener,
                trafficListener,
                new AccessConfig(authenticator, authenticateWithin, accessListener, limiter),
                tls,
                orders,
                latest.orElseGet(this::fromHub),
                newest,
                users,
                new LinkedHashMap<>(pages),
                shows,
                tracing);
        return TsdashServer.start(config, hub, store);
    }

    private FallbackChain<String, PriceUpdate> fromHub() {
        return FallbackChain.<String, PriceUpdate>builder("latest")
                .source("live", LatestPrices.live(hub, restTimeout))
                .source("last", LatestPrices.lastSeen(hub, restTimeout))
                .time(hub.clock())
                .build();
    }

    private Optional<SslContext> tls(List<String> problems) {
        if (certificate == null || privateKey == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(SslContextBuilder.forServer(certificate.toFile(), privateKey.toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build());
        } catch (SSLException | IllegalArgumentException e) {
            problems.add("tls was '" + certificate + "' and '" + privateKey
                    + "' but they must be a certificate and its key in PEM: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return !host.isBlank() && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return true; // binding says what is wrong with it
        }
    }

    private static void atLeastOne(List<String> problems, String option, long value) {
        check(problems, value >= 1, option + " was '" + value + "' but it must be at least 1");
    }

    private static void check(List<String> problems, boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
