package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Side;
import io.tsdash.orders.OrderType;
import io.tsdash.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A WebSocket client that keeps a {@link Replica} of what it subscribed to.
 *
 * <p>When the connection breaks or falls silent it connects again, after a growing and partly random pause, and
 * resumes where it stood; a gap makes it resume at once. Thread-safe; the replica is touched under a lock.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a send that fails is followed by onError or onClose
public final class TsdashClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS_MAX = 10_000;
    private static final long FIRST_PAUSE_MILLIS = 100;
    /** A server that says nothing for three heartbeats is taken for dead. */
    private static final int SILENT_HEARTBEATS = 3;

    /** So many positions fit into a frame of 64 KiB whatever their channels' names. */
    private static final int POSITIONS_PER_COMMAND = 250;

    /** As many as a server lets wait. */
    private static final int ASKED_MAX = 64;

    private static final long RENEW_MILLIS_MIN = 100;

    /** A frame above this is no frame of this protocol: the server ends them at 256 KiB and one message. */
    private static final int FRAME_MAX = 1 << 26;

    private final URI address;
    private final HttpClient http;
    private final WireCodec codec;
    private final WireCodec.Decoder decoder;
    private final int intervalMillis;
    private final TsdashClientListener listener;
    private final Replica replica;
    private final Set<String> channels = new LinkedHashSet<>();
    /** Channels of which something was heard on this connection, and nothing is missing. */
    private final Set<String> current = new HashSet<>();

    private final List<MessagePublisher> publishers = new ArrayList<>();
    private @Nullable WebSocket socket;
    private @Nullable Connection connection;
    private CompletableFuture<WebSocket> sent = new CompletableFuture<>();
    private long commands;
    private @Nullable Supplier<String> tokens;
    /** Orders and cancels that wait for their answers, in the order in which they were asked for. */
    private final Map<Long, Asked> asked = new LinkedHashMap<>();

    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private long connectionsMade;
    private boolean closed;

    private TsdashClient(
            URI address,
            WireCodec codec,
            int intervalMillis,
            int logRowsMax,
            TsdashClientListener listener,
            HttpClient http) {
        this.address = address;
        this.http = http;
        this.codec = codec;
        this.decoder = codec.decoder();
        this.intervalMillis = intervalMillis;
        this.listener = listener;
        this.replica = Replica.keepingLogRows(logRowsMax);
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
        return connect(address, codec, intervalMillis, logRowsMax, listener, Optional.empty(), Optional.empty());
    }

    static TsdashClient connect(
            URI address,
            WireCodec codec,
            int intervalMillis,
            int logRowsMax,
            TsdashClientListener listener,
            Optional<Supplier<String>> token,
            Optional<HttpClient> http) {
        TsdashClient client =
                new TsdashClient(address, codec, intervalMillis, logRowsMax, listener, http.orElse(Shared.HTTP));
        token.ifPresent(client::token);
        Shared.CLOCK.execute(client::open);
        return client;
    }

    /**
     * Says who this is on each connection, before all else, and again well before a token ends. Set it before the first
     * connection is made, or it holds from the next one on.
     *
     * @param source gives a token that is fresh; called by a thread of the client, must not block for long
     */
    public synchronized TsdashClient token(Supplier<String> source) {
        tokens = source;
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
        new ClientCommand.PlaceOrder(0, clientOrderId, symbol, side, type, price, volume);
        return ask(json -> {
            json.writeStringProperty("op", "order");
            json.writeStringProperty("clientOrderId", clientOrderId);
            json.writeStringProperty("symbol", symbol);
            json.writeStringProperty("side", side.name());
            json.writeStringProperty("type", type.name());
            if (type == OrderType.LIMIT) {
                json.writeNumberProperty("price", price);
            }
            json.writeNumberProperty("volume", volume);
        });
    }

    /** Takes an order back; answered and repeated as {@link #order} is. */
    public CompletableFuture<ServerMessage.OrderAck> cancel(String clientOrderId) {
        return ask(json -> {
            json.writeStringProperty("op", "cancel");
            json.writeStringProperty("clientOrderId", clientOrderId);
        });
    }

    private synchronized CompletableFuture<ServerMessage.OrderAck> ask(Consumer<JsonGenerator> command) {
        CompletableFuture<ServerMessage.OrderAck> answer = new CompletableFuture<>();
        if (closed || asked.size() >= ASKED_MAX) {
            answer.completeExceptionally(new TransientException(
                    closed ? "the client is closed" : ASKED_MAX + " commands wait for their answers"));
            return answer;
        }
        commands++;
        Asked one = new Asked(commands, command, answer);
        asked.put(commands, one);
        send(one);
        return answer;
    }

    private void send(Asked one) {
        sendText(json -> {
            one.command.accept(json);
            json.writeNumberProperty("id", one.id);
        });
    }

    /** Subscribes, now and after each reconnect. */
    public synchronized void subscribe(Collection<String> names) {
        channels.addAll(names);
        if (socket != null) {
            send(names, Map.of());
        }
    }

    /** Looks at the replica; it must not be kept. */
    public synchronized <T> T read(Function<Replica, T> reader) {
        return reader.apply(replica);
    }

    /**
     * Returns whether what the replica has of a channel may be old: there is no connection, nothing was said of the
     * channel since it was made, or something is missing that was asked for again.
     */
    public synchronized boolean isStale(String channel) {
        return !current.contains(channel);
    }

    /**
     * Returns a publisher of all that is received from now on, after it was applied to the replica. It completes when
     * the client is closed.
     *
     * @param executor calls the subscribers
     * @param bufferMax how many messages may wait for a subscriber, rounded up to a power of two
     * @param whenFull what happens when a subscriber is slower than that
     */
    public synchronized Flow.Publisher<Received> messages(Executor executor, int bufferMax, WhenFull whenFull) {
        MessagePublisher publisher = new MessagePublisher(executor, bufferMax, whenFull);
        if (closed) {
            publisher.close();
        } else {
            publishers.removeIf(MessagePublisher::isClosed);
            publishers.add(publisher);
        }
        return publisher;
    }

    /** Returns how often a connection was made. */
    public synchronized long connectionsMade() {
        return connectionsMade;
    }

    /** Breaks the connection, as a network would; it is made again. */
    public synchronized void disconnect() {
        if (socket != null) {
            socket.abort();
            lost(connection, "cut off by the caller");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        current.clear();
        publishers.forEach(MessagePublisher::close);
        failAsked(new TransientException("the client was closed before an answer came"));
        if (socket != null) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
            socket.abort();
            socket = null;
        }
    }

    private synchronized void open() {
        if (closed) {
            return;
        }
        Connection fresh = new Connection();
        connection = fresh;
        http.newWebSocketBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .subprotocols(codec.subprotocol())
                .buildAsync(address, fresh)
                .whenComplete((open, failure) -> {
                    if (failure != null) {
                        lost(fresh, String.valueOf(failure.getMessage()));
                    }
                });
    }

    private synchronized void opened(Connection mine, WebSocket open) {
        if (closed || mine != connection) {
            open.abort();
            return;
        }
        socket = open;
        sent = CompletableFuture.completedFuture(open);
        connectionsMade++;
        pauseMillis = FIRST_PAUSE_MILLIS;
        authenticate(mine);
        if (!channels.isEmpty()) {
            send(channels, replica.positions());
        }
        asked.values().forEach(this::send);
        listener.connection(true, "");
    }

    private synchronized void lost(@Nullable Connection mine, String reason) {
        if (closed || mine != connection) {
            return;
        }
        drop(reason);
        // Half of the pause is random, so that clients of a server that restarts do not come back all at once.
        long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
        pauseMillis = Math.min(PAUSE_MILLIS_MAX, 2 * pauseMillis);
        Shared.CLOCK.schedule(this::open, pause, TimeUnit.MILLISECONDS);
    }

    /** Ends the connection that there is. */
    private void drop(String reason) {
        WebSocket open = socket;
        connection = null;
        socket = null;
        current.clear();
        if (open != null) {
            open.abort();
        }
        listener.connection(false, reason);
    }

    private synchronized void closedByServer(Connection mine, int code, String reason) {
        boolean retry = Stream.of(WireCode.values()).allMatch(each -> each.code() != code || each.retry());
        if (retry) {
            lost(mine, code + " " + reason);
        } else if (!closed && mine == connection) {
            drop(code + " " + reason + "; another try would end the same way, so none is made");
            failAsked(new PermanentException(code + " " + reason));
        }
    }

    /** The server has told when to come back, spread over its clients: no pause is added. */
    private synchronized void moveOn(Connection mine) {
        if (!closed && mine == connection) {
            drop("the server is being restarted");
            open();
        }
    }

    private synchronized void received(Connection mine, byte[] frame) {
        if (closed || mine != connection) {
            return;
        }
        for (ServerMessage message : decoder.decode(frame)) {
            Replica.Outcome outcome = replica.apply(message);
            mark(message, outcome);
            if (outcome == Replica.Outcome.GAP) {
                repair(message);
            }
            if (message instanceof ServerMessage.Hello hello) {
                mine.watch(hello.heartbeatMillis() * SILENT_HEARTBEATS);
            }
            if (message instanceof ServerMessage.Authenticated authenticated) {
                renew(mine, authenticated.expiresNanos());
            } else if (message instanceof ServerMessage.GoAway goAway) {
                Shared.CLOCK.schedule(() -> moveOn(mine), goAway.afterMillis(), TimeUnit.MILLISECONDS);
            } else if (message instanceof ServerMessage.Ended ended) {
                end(ended.channel());
            } else if (message instanceof ServerMessage.OrderAck ack) {
                take(ack.id()).ifPresent(one -> one.answer.complete(ack));
            } else if (message instanceof ServerMessage.Failure failure
                    && failure.id().isPresent()) {
                take(failure.id().getAsLong()).ifPresent(one -> one.answer.completeExceptionally(refused(failure)));
            }
            listener.message(message, outcome);
            publishers.forEach(each -> each.publish(message, outcome));
        }
    }

    private void mark(ServerMessage message, Replica.Outcome outcome) {
        if (outcome == Replica.Outcome.GAP) {
            current.remove(channelOf(message));
        } else if (outcome != Replica.Outcome.NO_STATE) {
            current.add(channelOf(message));
        }
    }

    /** Forgets a subscription that the server has ended, and what only it covered: it is no longer kept up to date. */
    private void end(String pattern) {
        channels.remove(pattern);
        for (String channel : replica.channels()) {
            if (channels.stream().noneMatch(each -> covers(each, channel))) {
                replica.forget(channel);
                current.remove(channel);
            }
        }
    }

    private static boolean covers(String pattern, String channel) {
        return pattern.endsWith("*")
                ? channel.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(channel);
    }

    private static String channelOf(ServerMessage message) {
        if (message instanceof ServerMessage.Delta delta) {
            return delta.channel();
        }
        if (message instanceof ServerMessage.Snapshot snapshot) {
            return snapshot.channel();
        }
        return message instanceof ServerMessage.Resumed resumed ? resumed.channel() : "";
    }

    private void failAsked(TsdashException failure) {
        List.copyOf(asked.values()).forEach(one -> one.answer.completeExceptionally(failure));
        asked.clear();
    }

    private Optional<Asked> take(long id) {
        return Optional.ofNullable(asked.remove(id));
    }

    private static TsdashException refused(ServerMessage.Failure failure) {
        String text = failure.code() + " " + failure.message();
        return failure.retry() ? new TransientException(text) : new PermanentException(text);
    }

    private void authenticate(Connection mine) {
        Supplier<String> source = tokens;
        if (source == null || mine != connection) {
            return;
        }
        commands++;
        long id = commands;
        String token = source.get();
        sendText(json -> {
            json.writeStringProperty("op", "authenticate");
            json.writeNumberProperty("id", id);
            json.writeStringProperty("token", token);
        });
    }

    /** Says again who this is when four fifths of the time are over. */
    private void renew(Connection mine, long expiresNanos) {
        long leftMillis =
                TimeUnit.NANOSECONDS.toMillis(expiresNanos - TimeSource.system().epochNanos());
        Shared.CLOCK.schedule(
                () -> {
                    synchronized (this) {
                        authenticate(mine);
                    }
                },
                Math.max(RENEW_MILLIS_MIN, leftMillis / 5 * 4),
                TimeUnit.MILLISECONDS);
    }

    private void repair(ServerMessage message) {
        String channel = channelOf(message);
        Map<String, Position> position =
                replica.position(channel).map(at -> Map.of(channel, at)).orElse(Map.of());
        send(List.of(channel), position);
    }

    private void send(Collection<String> names, Map<String, Position> resume) {
        WebSocket open = socket;
        if (open == null) {
            return;
        }
        Map<String, Position> part = new LinkedHashMap<>();
        resume.forEach((channel, position) -> {
            part.put(channel, position);
            if (part.size() == POSITIONS_PER_COMMAND) {
                sendPart(List.of(), Map.copyOf(part));
                part.clear();
            }
        });
        sendPart(names, part);
    }

    private void sendPart(Collection<String> names, Map<String, Position> resume) {
        commands++;
        long id = commands;
        sendText(json -> {
            json.writeStringProperty("op", "subscribe");
            json.writeNumberProperty("id", id);
            json.writeName("channels");
            json.writeStartArray();
            names.forEach(json::writeString);
            json.writeEndArray();
            json.writeNumberProperty("intervalMillis", intervalMillis);
            json.writeName("resume");
            json.writeStartObject();
            resume.forEach((channel, position) -> {
                json.writeName(channel);
                json.writeStartObject();
                json.writeStringProperty("epoch", position.epoch());
                json.writeNumberProperty("seq", position.sequence());
                json.writeEndObject();
            });
            json.writeEndObject();
        });
    }

    private void sendText(Consumer<JsonGenerator> properties) {
        WebSocket open = socket;
        if (open == null) {
            return;
        }
        byte[] command = Json.bytes(json -> {
            json.writeStartObject();
            properties.accept(json);
            json.writeEndObject();
        });
        // A WebSocket takes the next text when it has sent the one before.
        String text = new String(command, StandardCharsets.UTF_8);
        sent = sent.handle((done, failure) -> open).thenCompose(any -> open.sendText(text, true));
    }

    /** An order or cancel that waits for its answer. */
    private static final class Asked {
        final long id;
        final Consumer<JsonGenerator> command;
        final CompletableFuture<ServerMessage.OrderAck> answer;

        Asked(long id, Consumer<JsonGenerator> command, CompletableFuture<ServerMessage.OrderAck> answer) {
            this.id = id;
            this.command = command;
            this.answer = answer;
        }
    }

    /** One life of the connection. */
    private final class Connection implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
        private boolean heard;

        @Override
        public void onOpen(WebSocket open) {
            open.request(1);
            opened(this, open);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket open, CharSequence part, boolean last) {
            heard = true;
            text.append(part);
            if (text.length() > FRAME_MAX) {
                tooLarge(open);
            } else {
                if (last) {
                    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
                    text.setLength(0);
                    frame(open, utf8);
                }
                open.request(1);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket open, ByteBuffer part, boolean last) {
            heard = true;
            byte[] bytes = new byte[part.remaining()];
            part.get(bytes);
            binary.writeBytes(bytes);
            if (binary.size() > FRAME_MAX) {
                tooLarge(open);
            } else {
                if (last) {
                    byte[] whole = binary.toByteArray();
                    binary.reset();
                    frame(open, whole);
                }
                open.request(1);
            }
            return null;
        }

        private void frame(WebSocket open, byte[] frame) {
            try {
                received(this, frame);
            } catch (InvalidInputException e) {
                open.abort();
                lost(this, String.valueOf(e.getMessage()));
            }
        }

        private void tooLarge(WebSocket open) {
            open.abort();
            lost(this, "a frame was larger than " + FRAME_MAX + " characters or bytes");
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket open, int code, String reason) {
            closedByServer(this, code, reason);
            return null;
        }

        @Override
        public void onError(WebSocket open, Throwable error) {
            lost(this, String.valueOf(error));
        }

        void watch(long silenceMillis) {
            Shared.CLOCK.schedule(
                    () -> {
                        if (heard) {
                            heard = false;
                            watch(silenceMillis);
                        } else {
                            lost(this, "nothing was heard for " + silenceMillis + " ms");
                        }
                    },
                    silenceMillis,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Threads for all clients of this process: daemons, and few, whatever the number of clients. */
    private static final class Shared {
        static final ScheduledExecutorService CLOCK =
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "tsdash-client-clock"));
        static final HttpClient HTTP = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newFixedThreadPool(2, task -> daemon(task, "tsdash-client")))
                .build();

        private static Thread daemon(Runnable task, String name) {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        }
    }
}
