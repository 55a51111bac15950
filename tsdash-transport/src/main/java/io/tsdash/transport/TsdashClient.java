package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Side;
import io.tsdash.orders.OrderType;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A WebSocket client that keeps a {@link Replica} of what it subscribed to.
 *
 * <p>When the connection breaks or falls silent it connects again, after a growing and partly random pause, and
 * resumes where it stood; with several addresses it goes to the next one. A gap makes it resume at once. Thread-safe: all state is under one lock.
 */
public final class TsdashClient implements AutoCloseable {
    private final List<URI> addresses;
    private final WireCodec.Decoder decoder;
    private final int intervalMillis;
    private final TsdashClientListener listener;

    private final Object lock = new Object();
    private final Replica replica;
    private final ClientChannels channels;
    private final AskedOrders orders = new AskedOrders();
    private final List<MessagePublisher> publishers = new ArrayList<>();
    private final ServerLink link;
    private long commands;
    private long connectionsMade;
    private volatile Supplier<String> traceparent = () -> "";
    private int attempts;
    private boolean closed;

    private TsdashClient(
            List<URI> addresses,
            WireCodec codec,
            int intervalMillis,
            int logRowsMax,
            TsdashClientListener listener,
            HttpClient http) {
        this.addresses = List.copyOf(addresses);
        this.decoder = codec.decoder();
        this.intervalMillis = intervalMillis;
        this.listener = listener;
        this.replica = Replica.keepingLogRows(logRowsMax);
        this.channels = new ClientChannels(replica);
        this.link = new ServerLink(
                lock, connection -> connection.connect(http, nextAddress(), codec.subprotocol()), new Traffic());
    }

    /**
     * Returns a builder with all options.
     *
     * @param address such as {@code ws://localhost:8080/prices}
     */
    public static TsdashClientBuilder builder(URI address) {
        return new TsdashClientBuilder(address);
    }

    /** Begins to connect, with JSON as the form of the wire. */
    public static TsdashClient connect(URI address, int intervalMillis, int logRowsMax, TsdashClientListener listener) {
        return connect(address, WireCodec.json(), intervalMillis, logRowsMax, listener);
    }

    /**
     * Begins to connect.
     *
     * @param address such as {@code ws://localhost:8080/prices}
     * @param codec the form of the wire
     * @param intervalMillis how often updates should come, 0 to 60000
     * @param logRowsMax how many rows of each log the replica keeps
     * @param listener learns what comes
     */
    public static TsdashClient connect(
            URI address, WireCodec codec, int intervalMillis, int logRowsMax, TsdashClientListener listener) {
        return connect(
                List.of(address),
                codec,
                intervalMillis,
                logRowsMax,
                listener,
                Optional.empty(),
                () -> "",
                Optional.empty());
    }

    static TsdashClient connect(
            List<URI> addresses,
            WireCodec codec,
            int intervalMillis,
            int logRowsMax,
            TsdashClientListener listener,
            Optional<Supplier<String>> token,
            Supplier<String> traceparent,
            Optional<HttpClient> http) {
        TsdashClient client =
                new TsdashClient(addresses, codec, intervalMillis, logRowsMax, listener, http.orElseGet(Shared::next));
        token.ifPresent(client::token);
        client.traceparent = traceparent;
        ClientThreads.CLOCK.execute(client::open);
        return client;
    }

    private URI nextAddress() {
        return addresses.get(Math.floorMod(attempts++, addresses.size()));
    }

    /**
     * Says who this is on each connection, before all else, and again well before a token ends. Set it before the first
     * connection is made, or it holds from the next one on.
     *
     * @param source gives a token that is fresh; called by a thread of its own, one call at a time. A connection waits
     *     for it 5 s, and is then given up and made again
     */
    public TsdashClient token(Supplier<String> source) {
        synchronized (lock) {
            link.token(source);
        }
        return this;
    }

    /**
     * Places an order. The command is sent again on each new connection until it is answered, so it may be done once, and
     * never twice.
     *
     * @param clientOrderId unique for the user for ever
     * @param symbol what to trade
     * @param side BUY or SELL
     * @param price the limit; NaN for a market order
     * @param volume how much
     * @return the acknowledgement; fails with what {@link io.tsdash.error.TsdashException} says: a
     *     {@link PermanentException} was refused, a {@link TransientException} may be sent again
     */
    public CompletableFuture<ServerMessage.OrderAck> order(
            String clientOrderId, String symbol, Side side, double price, double volume) {
        OrderType type = Double.isNaN(price) ? OrderType.MARKET : OrderType.LIMIT;
        return ask(id -> CommandWriter.order(
                new ClientCommand.PlaceOrder(id, clientOrderId, symbol, side, type, price, volume)));
    }

    /** Takes an order back; answered and repeated as {@link #order} is. */
    public CompletableFuture<ServerMessage.OrderAck> cancel(String clientOrderId) {
        return ask(id -> CommandWriter.cancel(id, clientOrderId));
    }

    /** Subscribes, now and after each reconnect. */
    public void subscribe(Collection<String> names) {
        synchronized (lock) {
            channels.ask(names);
            subscribeNow(names, Map.of());
        }
    }

    /** Looks at the replica; it must not be kept. */
    public <T> T read(Function<Replica, T> reader) {
        synchronized (lock) {
            return reader.apply(replica);
        }
    }

    /**
     * Returns whether what the replica has of a channel may be old: there is no connection, nothing was said of the
     * channel since it was made, or something is missing that was asked for again.
     */
    public boolean isStale(String channel) {
        synchronized (lock) {
            return !channels.isCurrent(channel);
        }
    }

    /**
     * Returns a publisher of all that is received from now on, after it was applied to the replica. It completes when
     * the client is closed.
     *
     * @param executor calls the subscribers
     * @param bufferMax how many messages may wait for a subscriber, rounded up to a power of two
     * @param whenFull what happens when a subscriber is slower than that
     */
    public Flow.Publisher<Received> messages(Executor executor, int bufferMax, WhenFull whenFull) {
        MessagePublisher publisher = new MessagePublisher(executor, bufferMax, whenFull);
        synchronized (lock) {
            if (closed) {
                publisher.close();
            } else {
                publishers.removeIf(MessagePublisher::isClosed);
                publishers.add(publisher);
            }
        }
        return publisher;
    }

    /** Returns how often a connection was made. */
    public long connectionsMade() {
        synchronized (lock) {
            return connectionsMade;
        }
    }

    /** Breaks the connection, as a network would; it is made again. */
    public void disconnect() {
        synchronized (lock) {
            link.disconnect();
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            channels.disconnected();
            publishers.forEach(MessagePublisher::close);
            orders.end(new TransientException("the client was closed"));
            link.close();
        }
    }

    private void open() {
        synchronized (lock) {
            link.open();
        }
    }

    private CompletableFuture<ServerMessage.OrderAck> ask(LongFunction<String> command) {
        synchronized (lock) {
            long id = nextId();
            String text = command.apply(id);
            Optional<TsdashException> refusal = orders.refusal();
            if (refusal.isPresent()) {
                return CompletableFuture.failedFuture(refusal.get());
            }
            CompletableFuture<ServerMessage.OrderAck> answer = orders.add(id, text);
            if (link.isReady()) {
                link.send(text);
            }
            return answer;
        }
    }

    private void subscribeNow(Collection<String> names, Map<String, Position> resume) {
        if (link.isReady()) {
            CommandWriter.subscribe(this::nextId, names, intervalMillis, resume, traceparent.get())
                    .forEach(link::send);
        }
    }

    private long nextId() {
        return ++commands;
    }

    /** Asks again for what is missing in a channel. */
    private void repair(String channel) {
        subscribeNow(
                List.of(channel),
                replica.position(channel).map(at -> Map.of(channel, at)).orElse(Map.of()));
    }

    private void received(ServerMessage message) {
        Replica.Outcome outcome = replica.apply(message);
        channels.heard(message, outcome);
        if (outcome == Replica.Outcome.GAP) {
            repair(ClientChannels.of(message));
        }
        if (message instanceof ServerMessage.Hello hello) {
            link.watch(hello.heartbeatMillis());
        } else if (message instanceof ServerMessage.Authenticated authenticated) {
            link.renew(authenticated.expiresNanos());
        } else if (message instanceof ServerMessage.GoAway goAway) {
            link.moveOn(goAway.afterMillis());
        } else if (message instanceof ServerMessage.Ended ended) {
            channels.ended(ended.channel());
        } else if (message instanceof ServerMessage.OrderAck ack) {
            orders.acknowledged(ack);
        } else if (message instanceof ServerMessage.Failure failure) {
            orders.refused(failure);
        }
        listener.message(message, outcome);
        publishers.forEach(each -> each.publish(message, outcome));
    }

    /** What happens on the link, for the state. */
    private final class Traffic implements ServerLink.Client {
        @Override
        public void opened() {
            connectionsMade++;
            listener.connection(true, "");
        }

        @Override
        public void authenticate(String token) {
            link.send(CommandWriter.authenticate(nextId(), token));
        }

        @Override
        public void ready() {
            List<String> names = channels.asked();
            if (!names.isEmpty()) {
                subscribeNow(names, replica.positions());
            }
            orders.texts().forEach(link::send);
        }

        @Override
        public void frame(byte[] frame) {
            decoder.decode(frame).forEach(TsdashClient.this::received);
        }

        @Override
        public void gone(String reason) {
            channels.disconnected();
            listener.connection(false, reason);
        }

        @Override
        public void over(String reason) {
            gone(reason + "; another try would end the same way, so none is made");
            orders.end(new PermanentException(reason));
        }
    }

    /**
     * Makes the connections of clients that were given nothing else for it.
     *
     * <p>Each has one thread, which reads and also calls the listeners. It must: a WebSocket of the JDK (17 to 25 at least) that
     * hands a frame over to another thread forgets an end of the connection that it reads meanwhile, and tells nobody. What
     * came with the handshake's answer the thread of the handshake deals with: there the watch for silence has to do.
     */
    private static final class Shared {
        private static final List<HttpClient> HTTP = List.of(onOneThread(), onOneThread());
        private static final AtomicInteger TAKEN = new AtomicInteger();

        static HttpClient next() {
            return HTTP.get(Math.floorMod(TAKEN.getAndIncrement(), HTTP.size()));
        }

        private static HttpClient onOneThread() {
            return HttpClient.newBuilder()
                    .connectTimeout(ClientConnection.CONNECT_TIMEOUT)
                    .executor(Runnable::run)
                    .build();
        }
    }
}
