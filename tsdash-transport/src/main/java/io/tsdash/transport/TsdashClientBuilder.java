package io.tsdash.transport;

import io.tsdash.error.ConfigurationException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Sets up a {@link TsdashClient}. Single-threaded. */
public final class TsdashClientBuilder {
    private static final long INTERVAL_MILLIS_MAX = 60_000;

    private final List<URI> addresses = new ArrayList<>();
    private WireCodec codec = WireCodec.binary();
    private Duration interval = Duration.ofMillis(100);
    private int logRowsMax = 1_000;
    private TsdashClientListener listener = TsdashClientListener.none();
    private Optional<Supplier<String>> token = Optional.empty();
    private Supplier<String> traceparent = () -> "";
    private Optional<HttpClient> http = Optional.empty();

    TsdashClientBuilder(URI address) {
        addresses.add(address);
    }

    /**
     * Adds an address of another server with the same channels. Each new connection goes to the next address; a server that does
     * not know where the client stood gives it a snapshot.
     */
    public TsdashClientBuilder alsoAt(URI address) {
        addresses.add(address);
        return this;
    }

    /** The form of the wire; the compact one if not set. */
    public TsdashClientBuilder codec(WireCodec value) {
        codec = value;
        return this;
    }

    /** How often updates should come, 0 to 60 s; 100 ms if not set. */
    public TsdashClientBuilder interval(Duration value) {
        interval = value;
        return this;
    }

    /** How many rows of each log the replica keeps; 1000 if not set. */
    public TsdashClientBuilder logRowsMax(int value) {
        logRowsMax = value;
        return this;
    }

    /** Learns what comes. */
    public TsdashClientBuilder listener(TsdashClientListener value) {
        listener = value;
        return this;
    }

    /** Says who this is; see {@link TsdashClient#token}. */
    public TsdashClientBuilder token(Supplier<String> value) {
        token = Optional.of(value);
        return this;
    }

    /**
     * Sets which span subscriptions are part of, as the {@code traceparent} of W3C Trace Context; none if not set.
     *
     * @param value called with each subscription, again after each reconnect; must not block; may give an empty text
     */
    public TsdashClientBuilder traceparent(Supplier<String> value) {
        traceparent = value;
        return this;
    }

    /**
     * Makes the connections, with its own trust, proxy and threads; it stays the caller's.
     *
     * @param value best with {@code Runnable::run} as its executor. With threads in a pool the JDK forgets the end of a
     *     connection that comes while a frame waits for one of them; the client then notices only that nothing is heard, after
     *     three to six heartbeats
     */
    public TsdashClientBuilder httpClient(HttpClient value) {
        http = Optional.of(value);
        return this;
    }

    /**
     * Begins to connect.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public TsdashClient connect() {
        List<String> problems = new ArrayList<>();
        for (URI address : addresses) {
            String scheme = String.valueOf(address.getScheme());
            if (!(scheme.equals("ws") || scheme.equals("wss")) || address.getHost() == null) {
                problems.add("address was '" + address + "' but it must be such as ws://localhost:8080/prices");
            }
        }
        if (interval.isNegative() || interval.toMillis() > INTERVAL_MILLIS_MAX) {
            problems.add("interval was '" + interval + "' but it must be 0 to " + INTERVAL_MILLIS_MAX + " ms");
        }
        if (logRowsMax < 1) {
            problems.add("logRowsMax was '" + logRowsMax + "' but it must be at least 1");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return TsdashClient.connect(
                addresses, codec, (int) interval.toMillis(), logRowsMax, listener, token, traceparent, http);
    }
}
