package io.tsdash.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.api.push.RedisClusterPushListener;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.resilience.CallPermit;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection to Redis that caches, limiters and others of a process share: one server, one behind Sentinels, or a cluster.
 *
 * <p>No call waits for longer than the {@linkplain RedisOptions#timeout() timeout}. While Redis is away a call fails with
 * {@link TransientException}; after some in a row a breaker refuses further ones at once, and lets one through from time to
 * time. Commands under way are bounded in number. A single server, also behind Sentinels, does a command at most once; a node
 * of a cluster may be sent one again that was under way when its connection broke, within the command's timeout.
 *
 * <p>Thread-safe. Four daemon threads ({@code lettuce-…}).
 */
public final class RedisConnection implements AutoCloseable {
    private static final Duration BREAKER_PAUSE_MIN = Duration.ofMillis(100);
    private static final double BREAKER_SPREAD = 0.2;
    private static final Duration RECONNECT_MIN = Duration.ofMillis(10);
    private static final Duration RECONNECT_MAX = Duration.ofSeconds(1);
    private static final Duration REFRESH_AT_ONCE = Duration.ofMillis(250);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(2);
    private static final int THREADS = 2;
    private static final String ALL = "";

    /** How much longer than the client's own timeout we wait, so that its answer, which says more, comes first. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final RedisOptions options;
    private final RedisListener listener;
    private final TimeSource time;
    private final ClientResources resources;
    private final AbstractRedisClient client;
    private final StatefulConnection<byte[], byte[]> connection;
    private final RedisClusterAsyncCommands<byte[], byte[]> commands;
    private final CircuitBreaker breaker;
    private final Semaphore room;
    private final Sockets sockets = new Sockets();
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    /** By the command, where the server refuses those of its kind; else under {@link #ALL}. As many as commands have names at most. */
    private final Map<String, String> problems = new ConcurrentHashMap<>();

    private RedisConnection(RedisOptions options, RedisListener listener, TimeSource time) {
        this.options = options;
        this.listener = listener;
        this.time = time;
        Duration pauseMax = options.breakerPauseMax();
        breaker = CircuitBreaker.builder("Redis at " + where())
                .consecutiveFailures(options.breakerFailures())
                .pause(pauseMax.compareTo(BREAKER_PAUSE_MIN) < 0 ? pauseMax : BREAKER_PAUSE_MIN, pauseMax)
                .spread(BREAKER_SPREAD)
                .time(time)
                .build();
        room = new Semaphore(options.requestsMax());
        resources = DefaultClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .reconnectDelay(Delay.fullJitter(RECONNECT_MIN, RECONNECT_MAX, 2, TimeUnit.MILLISECONDS))
                .nettyCustomizer(sockets)
                .build();
        AbstractRedisClient opened = null;
        try {
            if (options.address().form() == RedisAddress.Form.CLUSTER) {
                RedisClusterClient cluster =
                        RedisClusterClient.create(resources, options.address().uris(options));
                opened = cluster;
                cluster.setOptions(clusterOptions());
                StatefulRedisClusterConnection<byte[], byte[]> made = cluster.connect(ByteArrayCodec.INSTANCE);
                connection = made;
                commands = made.async();
            } else {
                RedisClient single = RedisClient.create(
                        resources, options.address().uris(options).get(0));
                opened = single;
                single.setOptions(clientOptions(ClientOptions.builder())
                        // What waits for a connection would be sent again, and would need a bound of its own.
                        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                        .build());
                StatefulRedisConnection<byte[], byte[]> made = single.connect(ByteArrayCodec.INSTANCE);
                connection = made;
                commands = made.async();
            }
            client = opened;
            ServerCheck.check(firstInfo(), options.address());
        } catch (RuntimeException e) {
            if (opened != null) {
                opened.shutdown(Duration.ZERO, CLOSE_MAX);
            }
            shutdownResources();
            throw RedisErrors.of(where(), "opening a connection", e);
        }
    }

    /** The first answer comes later than others, since all is new; it may take as long as the connection may. */
    private String firstInfo() {
        long tries = Math.max(1, options.connectTimeout().dividedBy(options.timeout()));
        for (long i = 1; ; i++) {
            try {
                return await("INFO", commands.info());
            } catch (TransientException e) {
                if (i >= tries) {
                    throw e;
                }
            }
        }
    }

    /**
     * Connects, and checks that the server is one to work with: Redis 6 or newer, not a replica, in the form that the address
     * says.
     *
     * @throws PermanentException if it is not, or does not take user and password
     * @throws TransientException if it is away
     */
    public static RedisConnection open(RedisOptions options, RedisListener listener) {
        return open(options, listener, TimeSource.system());
    }

    /** Connects with other clocks for the breaker; see {@link #open(RedisOptions, RedisListener)}. */
    public static RedisConnection open(RedisOptions options, RedisListener listener, TimeSource time) {
        return new RedisConnection(options, listener, time);
    }

    /** Returns where it leads, without user and password. */
    public String where() {
        return options.where();
    }

    /**
     * Returns why commands fail; empty while they do not. That a command got no answer, or one that all would get (such as {@code
     * LOADING}), holds until one succeeds; that the server refuses its kind (such as {@code OOM}, {@code READONLY} or {@code
     * NOPERM}), until one of the same name does. What is wrong with one key is none.
     */
    public String problem() {
        String all = problems.get(ALL);
        return all != null ? all : problems.values().stream().findFirst().orElse("");
    }

    /** Ends within four seconds; commands under way fail. The second time it does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            client.shutdown(Duration.ZERO, CLOSE_MAX);
            shutdownResources();
        }
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @param what for messages, such as {@code GET}
     * @throws TransientException if it cannot be sent or gets no answer within the timeout
     * @throws PermanentException if the server refuses it for good, or this is closed
     */
    <T extends @Nullable Object> T ask(
            String what, Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        return await(what, send(what, 1, command));
    }

    /**
     * Sends a command without waiting; {@link #await} takes its answer.
     *
     * @param weight how many commands the client makes of it
     */
    <T extends @Nullable Object> CompletableFuture<T> send(
            String what, int weight, Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        CallPermit permit = admit(what, weight);
        CompletableFuture<T> answer;
        try {
            answer = command.apply(commands).toCompletableFuture();
        } catch (RuntimeException e) {
            ended(what, permit, weight, e);
            throw RedisErrors.of(where(), what, e);
        }
        return answer.whenComplete((value, failure) -> ended(what, permit, weight, failure));
    }

    /**
     * Sends commands in one go, and waits until all have ended, for the timeout of one; see {@link #ask} for what it throws. Whether
     * the others were done then is not known.
     */
    void askAll(String what, List<? extends AsyncCommand<byte[], byte[], ?>> batch) {
        long untilNanos = time.monotonicNanos() + waitNanos();
        CallPermit permit = admit(what, batch.size());
        CompletableFuture<Void> answers = CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new))
                .whenComplete((value, failure) -> ended(what, permit, batch.size(), failure));
        try {
            await(what, connected(batch), untilNanos - time.monotonicNanos());
            connection.dispatch(batch);
        } catch (RuntimeException e) {
            batch.forEach(command -> command.completeExceptionally(e));
        }
        await(what, answers, untilNanos - time.monotonicNanos());
    }

    /** Waits for an answer; see {@link #ask} for what it throws. */
    <T extends @Nullable Object> T await(String what, Future<T> answer) {
        return await(what, answer, waitNanos());
    }

    private <T extends @Nullable Object> T await(String what, Future<T> answer, long nanos) {
        try {
            return answer.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw closed.get() ? closed(what) : RedisErrors.of(where(), what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException(what + " at " + where() + ": interrupted while waiting for the answer", e);
        }
    }

    private long waitNanos() {
        return options.timeout().toNanos() + GRACE_NANOS;
    }

    /**
     * Returns a future that is done once there is a connection to each node that these commands go to. For a batch the client waits
     * for those that are yet to be made itself, on the caller's thread and for the time that connecting may take.
     */
    private CompletableFuture<Void> connected(List<? extends AsyncCommand<byte[], byte[], ?>> batch) {
        if (connection instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster) {
            Set<RedisURI> nodes = new HashSet<>();
            for (AsyncCommand<byte[], byte[], ?> command : batch) {
                RedisClusterNode node = cluster.getPartitions()
                        .getPartitionBySlot(SlotHash.getSlot(command.getArgs().getFirstEncodedKey()));
                if (node != null) { // else the client says so
                    nodes.add(node.getUri());
                }
            }
            return CompletableFuture.allOf(nodes.stream()
                    .map(node -> cluster.getConnectionAsync(node.getHost(), node.getPort()))
                    .toArray(CompletableFuture<?>[]::new));
        }
        return CompletableFuture.completedFuture(null);
    }

    RedisOptions options() {
        return options;
    }

    /** Lets pushed messages of all servers be heard, on threads of the client. */
    void onPush(Consumer<PushMessage> heard) {
        if (connection instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster) {
            cluster.addListener((RedisClusterPushListener) (node, message) -> heard.accept(message));
        } else if (connection instanceof StatefulRedisConnection<byte[], byte[]> single) {
            single.addListener(heard::accept);
        }
    }

    /**
     * Returns the connections that commands go by, to each server that is a master now, by what it is called.
     *
     * @throws TransientException if one is not there and cannot be made within the timeout
     */
    Map<String, StatefulRedisConnection<byte[], byte[]>> masters() {
        if (closed.get()) {
            throw closed("connecting");
        }
        Map<String, StatefulRedisConnection<byte[], byte[]>> masters = new HashMap<>();
        if (connection instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster) {
            for (RedisClusterNode node : cluster.getPartitions()) {
                if (node.is(RedisClusterNode.NodeFlag.UPSTREAM)
                        && !node.is(RedisClusterNode.NodeFlag.FAIL)
                        && !node.getSlots().isEmpty()) {
                    String host = node.getUri().getHost();
                    int port = node.getUri().getPort();
                    masters.put(host + ":" + port, await("connecting", cluster.getConnectionAsync(host, port)));
                }
            }
        } else if (connection instanceof StatefulRedisConnection<byte[], byte[]> single) {
            masters.put("", single);
        }
        return masters;
    }

    /** Returns what the server calls a script. */
    String digest(byte[] script) {
        return commands.digest(script);
    }

    private CallPermit admit(String what, int weight) {
        if (closed.get()) {
            throw closed(what);
        }
        CallPermit permit = breaker.tryAcquire();
        if (permit == null) {
            throw new TransientException(what + " at " + where() + ": left alone for a while, since " + problem());
        }
        if (!room.tryAcquire(weight)) {
            permit.abandoned();
            throw new TransientException(what + " at " + where() + ": requestsMax was '" + options.requestsMax()
                    + "' and " + room.availablePermits() + " of them are free, but it needs " + weight);
        }
        return permit;
    }

    /** Tells the breaker, and who listens, how a command ended. */
    private void ended(String what, CallPermit permit, int weight, @Nullable Throwable failure) {
        room.release(weight);
        if (failure != null && RedisErrors.isAway(failure)) {
            if (!closed.get()) {
                permit.failed(0, failure);
                sockets.noAnswer(time.monotonicNanos());
                fails(ALL, RedisErrors.of(where(), what, failure));
            }
            return;
        }
        permit.succeeded(0);
        sockets.answered();
        if (failure != null && RedisErrors.isOfAll(failure)) {
            fails(ALL, RedisErrors.of(where(), what, failure));
        } else if (failure != null && RedisErrors.isOfAKind(failure)) {
            fails(what, RedisErrors.of(where(), what, failure));
        } else if (!problems.isEmpty()) {
            problems.remove(ALL);
            problems.remove(what);
            if (problems.isEmpty() && away.compareAndSet(true, false)) {
                listener.onBack(where());
            }
        }
    }

    private void fails(String what, TsdashException cause) {
        problems.put(what, String.valueOf(cause.getMessage()));
        if (away.compareAndSet(false, true)) {
            listener.onAway(where(), cause);
        }
    }

    private PermanentException closed(String what) {
        return new PermanentException(what + " at " + where() + ": the connection is closed");
    }

    private void shutdownResources() {
        resources
                .shutdown(0, CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }

    private <B extends ClientOptions.Builder> B clientOptions(B builder) {
        builder.requestQueueSize(options.requestsMax())
                .timeoutOptions(TimeoutOptions.enabled(options.timeout()))
                .maintNotificationsConfig(MaintNotificationsConfig.disabled()) // of hosted Redis only
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(options.connectTimeout())
                        .keepAlive(true)
                        .build());
        return builder;
    }

    private ClusterClientOptions clusterOptions() {
        return clientOptions(ClusterClientOptions.builder())
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(options.topologyRefresh())
                        .adaptiveRefreshTriggersTimeout(REFRESH_AT_ONCE)
                        .dynamicRefreshSources(true)
                        .build())
                .build();
    }
}
