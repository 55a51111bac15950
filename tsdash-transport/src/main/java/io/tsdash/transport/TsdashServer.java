package io.tsdash.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.OrderChannels;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.PermanentException;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderReply;
import io.tsdash.orders.OrderRequest;
import io.tsdash.store.MarketStore;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a hub's channels over WebSocket and SSE, a store's history over REST, and a page, all on one port.
 *
 * <p>{@code docs/protocol.md} describes what goes over the wire. Hub and store belong to the caller, who closes them
 * after the server. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
public final class TsdashServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TsdashServer.class);
    private static final int BACKLOG = 1_024;
    private static final int LINE_MAX = 8_192;
    private static final int HEADERS_MAX = 16_384;
    private static final long CLOSE_SECONDS = 2;
    private static final String LEAVING = "the server is going away: connect again";
    private static final byte[] FULL = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n"
            .concat("connection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    private final ServerConfig config;
    private final Hub hub;
    private final RestApi rest;
    private final StaticFiles files;
    private final StaticFiles own = new StaticFiles(TsdashServer.class.getClassLoader(), "META-INF/tsdash");
    private final HealthChecks health;
    private final RestWorkers workers;
    private final RestWorkers storeWorkers;
    private final Gate gate;
    private final Optional<OrderChannels> orders;
    private final Optional<UserRequests> users;
    private final Optional<WatchListSubscription> watchLists;
    private final OperatorRequests operator;
    private final Map<String, MessageCodec> encoders = new LinkedHashMap<>();
    private final MessageCodec sseCodec = new SseCodec();
    private final Map<Session, NettyOutput> sessions = new ConcurrentHashMap<>();
    private final Map<EventLoop, Outbox> outboxes = new ConcurrentHashMap<>();
    private final Map<EventLoop, FrameDeflater> deflaters = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean draining;
    private final MultiThreadIoEventLoopGroup loops;
    private final Channel listening;

    private TsdashServer(ServerConfig config, Hub hub, MarketStore store) {
        this.config = config;
        this.hub = hub;
        config.codecs().forEach(codec -> encoders.put(codec.subprotocol(), codec.encoder()));
        this.rest = new RestApi(
                store, hub, TradeStatistics.streaming(store), config.latest(), config.newest(), config.restTimeout());
        this.files = new StaticFiles(TsdashServer.class.getClassLoader(), config.folder());
        Map<String, Supplier<Optional<String>>> checks = new LinkedHashMap<>(config.checks());
        checks.put("server", () -> isLeaving() ? Optional.of("it is going away") : Optional.empty());
        this.health = new HealthChecks(checks, config.helpfulChecks());
        this.gate = new Gate(config.access(), hub.clock());
        this.orders = config.orders().map(gateway -> OrderChannels.start(hub, gateway));
        this.operator = new OperatorRequests(this);
        this.users = config.users().map(UserRequests::new);
        this.watchLists = config.users()
                .filter(data -> data.names().contains(WatchListSubscription.NAME))
                .map(data -> new WatchListSubscription(data, hub, config.latest(), config.shows()));
        this.workers =
                new RestWorkers("tsdash-rest", config.restThreads(), config.restQueueMax(), config.restTimeout());
        this.storeWorkers =
                new RestWorkers("tsdash-rest-store", config.restThreads(), config.restQueueMax(), config.restTimeout());
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.loops = new MultiThreadIoEventLoopGroup(config.ioThreads(), io);
        this.listening = listen(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param hub whose channels are served
     * @param store whose history is served
     */
    public static TsdashServerBuilder builder(Hub hub, MarketStore store) {
        return new TsdashServerBuilder(hub, store);
    }

    static TsdashServer start(ServerConfig config, Hub hub, MarketStore store) {
        return new TsdashServer(config, hub, store);
    }

    /** Returns the port that it listens on. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Returns how many connections there are. */
    public int connections() {
        return connections.get();
    }

    /** Returns how many clients follow channels in this way. */
    public int connections(TransportKind kind) {
        int count = 0;
        for (NettyOutput output : sessions.values()) {
            count += output.kind() == kind ? 1 : 0;
        }
        return count;
    }

    /** Returns how many bytes wait for the network, of all sockets and streams together and of the one that has most. */
    public QueuedBytes queuedBytes() {
        long sum = 0;
        long max = 0;
        for (NettyOutput output : sessions.values()) {
            long queued = output.queuedBytes();
            sum += queued;
            max = Math.max(max, queued);
        }
        return new QueuedBytes(sum, max);
    }

    /**
     * Goes away gently: takes no new connections, tells each client when it will be closed, spread over a time, and closes
     * each then with 4001. Clients come back elsewhere, or to the server that follows on this port. Ends when all are gone,
     * at the latest some seconds after that time; call {@link #close} then.
     *
     * @param over all clients are told to be gone within this; not negative
     */
    public void drain(Duration over) {
        if (over.isNegative()) {
            throw new IllegalArgumentException("over was '" + over + "' but it must not be negative");
        }
        draining = true;
        listening.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        List<Session> all = new ArrayList<>(sessions.keySet());
        for (int i = 0; i < all.size(); i++) {
            Session session = all.get(i);
            long afterMillis = over.toMillis() * (i + 1) / all.size();
            session.tell(new ServerMessage.GoAway(afterMillis));
            loops.schedule(() -> session.dismiss(WireCode.SHUTTING_DOWN, LEAVING), afterMillis, TimeUnit.MILLISECONDS);
        }
        long end = hub.clock().monotonicNanos() + over.toNanos() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        int left = 0;
        for (NettyOutput output : sessions.values()) {
            left += output.awaitClosed(Math.max(0, end - hub.clock().monotonicNanos())) ? 0 : 1;
        }
        if (left > 0) {
            LOG.warn("{} clients were still there after {}", left, over);
        }
    }

    /** Stops listening, tells all clients to come back later, and ends within some seconds. Twice is no error. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listening.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        sayGoodbye();
        workers.close();
        storeWorkers.close();
        gate.close();
        loops.shutdownGracefully(100, TimeUnit.SECONDS.toMillis(CLOSE_SECONDS), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * CLOSE_SECONDS, TimeUnit.SECONDS);
        deflaters.values().forEach(FrameDeflater::close);
    }

    /** A loop that shuts down drops what is not written yet, so the last words must be out before. */
    private void sayGoodbye() {
        long end = hub.clock().monotonicNanos() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        long left = 1;
        while (!sessions.isEmpty() && left > 0) {
            sessions.forEach((session, output) -> {
                session.close();
                output.close(WireCode.SHUTTING_DOWN, "the server is shutting down");
            });
            for (NettyOutput output : sessions.values()) {
                left = end - hub.clock().monotonicNanos();
                output.awaitClosed(Math.max(0, left));
            }
        }
    }

    /** Returns how many sockets and streams are open; fewer than connections, which may be about to ask. */
    int sessions() {
        return sessions.size();
    }

    /** Returns the sockets and streams that are open, with their ways out. */
    Map<Session, NettyOutput> open() {
        return Collections.unmodifiableMap(sessions);
    }

    OperatorRequests operator() {
        return operator;
    }

    ServerConfig config() {
        return config;
    }

    Hub hub() {
        return hub;
    }

    RestApi rest() {
        return rest;
    }

    /** Returns the description of REST. */
    Representation openApi() {
        return own.find("/openapi.json");
    }

    StaticFiles files() {
        return files;
    }

    HealthChecks health() {
        return health;
    }

    Gate gate() {
        return gate;
    }

    /** Returns the way to what users keep, where that is kept. */
    Optional<UserRequests> users() {
        return users;
    }

    /** Returns the way to the symbols that users watch, where those are kept. */
    Optional<WatchListSubscription> watchLists() {
        return watchLists;
    }

    /** Returns the way to the orders, where they are taken. */
    Optional<OrderChannels> orders() {
        return orders;
    }

    CompletionStage<OrderReply> place(OrderRequest request) {
        return config.orders().orElseThrow().place(request);
    }

    CompletionStage<OrderReply> cancel(OrderKey order) {
        return config.orders().orElseThrow().cancel(order);
    }

    /** Returns whether no connection should begin or go on that can as well end. */
    boolean isLeaving() {
        return draining || closed.get();
    }

    /** Returns who works on what does not ask the store. */
    RestWorkers workers() {
        return workers;
    }

    /** Returns who works on what asks the store, which may be slow or away. */
    RestWorkers storeWorkers() {
        return storeWorkers;
    }

    /** Returns the encoder of a form, which all its sessions share. */
    MessageCodec encoder(WireCodec codec) {
        return Objects.requireNonNull(encoders.get(codec.subprotocol()));
    }

    /** Returns the outbox of a connection's event loop. */
    Outbox outbox(ChannelHandlerContext context) {
        return outboxes.computeIfAbsent(context.channel().eventLoop(), loop -> new Outbox(loop, config.traffic()));
    }

    MessageCodec sseCodec() {
        return sseCodec;
    }

    /** Returns whether frames of this form may be deflated. */
    boolean deflates(WireCodec codec) {
        return config.compression() && !codec.isCompact();
    }

    /** Returns what deflates the frames of a connection that agreed on it: one for each event loop, which has them in order. */
    Optional<FrameDeflater> deflater(ChannelHandlerContext context, boolean agreed) {
        return agreed
                ? Optional.of(deflaters.computeIfAbsent(context.channel().eventLoop(), loop -> new FrameDeflater()))
                : Optional.empty();
    }

    /** Returns how many frames were deflated, whatever the number of those who got them. */
    long deflatedFrames() {
        return deflaters.values().stream().mapToLong(FrameDeflater::made).sum();
    }

    /** Opens a session that lives as long as its connection. */
    Session open(Channel channel, NettyOutput output, MessageCodec codec, Set<String> kinds, Access access) {
        Session session = hub.open(output, codec, kinds, access);
        sessions.put(session, output);
        config.connections().opened(output.kind());
        channel.closeFuture().addListener(done -> {
            sessions.remove(session);
            session.close();
            config.connections().closed(output.kind(), output.reason());
        });
        if (isLeaving()) {
            output.close(WireCode.SHUTTING_DOWN, LEAVING);
        }
        return session;
    }

    private Channel listen(Class<? extends ServerChannel> type) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Connections())
                .bind(config.host(), config.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            workers.close();
            storeWorkers.close();
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new PermanentException(
                    "cannot listen on " + config.host() + ":" + config.port() + ": " + remedy(bound.cause()),
                    bound.cause());
        }
        LOG.info("listening on {}", bound.channel().localAddress());
        return bound.channel();
    }

    private String remedy(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("in use")) {
            return "port " + config.port() + " is in use: stop what uses it, choose another, or 0 for any free one";
        }
        if (message.contains("ermission denied")) {
            return "ports below 1024 need rights: choose a higher one";
        }
        return message + ": the host must be an address of this machine";
    }

    /** Sets up each connection, or refuses it when there are too many. */
    private final class Connections extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            boolean full = connections.incrementAndGet() > config.connectionsMax();
            channel.closeFuture().addListener(done -> connections.decrementAndGet());
            if (full) {
                config.connections()
                        .ended(
                                String.valueOf(channel.remoteAddress()),
                                HttpResponseStatus.SERVICE_UNAVAILABLE.code(),
                                "there were " + config.connectionsMax() + " connections already");
                channel.writeAndFlush(Unpooled.wrappedBuffer(FULL)).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            config.tls().ifPresent(tls -> {
                SslHandler encryption = tls.newHandler(channel.alloc());
                encryption.setHandshakeTimeoutMillis(config.handshake().toMillis());
                channel.pipeline().addLast(encryption);
            });
            RequestDeadline deadline = new RequestDeadline(config.handshake());
            channel.pipeline()
                    .addLast(new Outlet())
                    .addLast(deadline)
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(LINE_MAX)
                            .setMaxHeaderSize(HEADERS_MAX)))
                    .addLast(new HttpObjectAggregator(config.frameBytesMax()))
                    .addLast(new IdleStateHandler(config.idle().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
                    .addLast("requests", new HttpRequests(TsdashServer.this, deadline));
        }
    }
}
