package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.ExchangeMarket.Frame;
import io.tsdash.examples.feeds.VenueMessage.Reconnect;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.time.TimeSource;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A public exchange over its WebSocket, with what is missing from its REST.
 *
 * <p>Keeps the connection: one that is lost or silent is made again, with pauses that double and are spread. What comes
 * over it is {@link ExchangeMarket}'s. One thread does everything and makes all calls to the listener; what comes from the
 * network waits for it, bounded by {@link Connection}.
 */
final class ExchangeFeed implements Feed, Connection.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangeFeed.class);
    private static final long TICK_MILLIS = 20;
    private static final long JOIN_MILLIS = 1_000;
    private static final int PINGS_PER_IDLE_TIMEOUT = 3;
    private static final Duration RETRY_FIRST = Duration.ofMillis(500);

    /** Where the connection is. */
    private enum Phase {
        WAITING,
        OPENING,
        OPEN,
        LIVE
    }

    private final String name;
    private final Exchange exchange;
    private final FeedSettings settings;
    private final TimeSource time;
    private final HttpClient http;
    private final Backoff backoff;
    private final ExchangeMarket market;
    private final ScheduledThreadPoolExecutor thread;
    private final Object lock = new Object(); // of started and closing
    private boolean started;
    private volatile boolean closing;
    private volatile boolean failed;

    // All below belongs to the thread.
    private @Nullable FeedListener listener;
    private @Nullable Connection connection;
    private Phase phase = Phase.WAITING;
    private long dueNanos; // when to connect (WAITING), or to give up (OPENING, OPEN); monotonic
    private long heardNanos;
    private long pingNanos;
    private long liveNanos;
    private long lostNanos;
    private boolean wasLive;
    private long messages;
    private String rejection = "";

    ExchangeFeed(String name, Exchange exchange, FeedSettings settings, TimeSource time) {
        this.name = name;
        this.exchange = exchange;
        this.settings = settings;
        this.time = time;
        SplittableRandom random = new SplittableRandom();
        http = HttpClient.newBuilder().connectTimeout(settings.connectTimeout()).build();
        backoff = new Backoff(RETRY_FIRST, settings.retryMax(), random.split());
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "tsdash-feed-" + name);
            made.setDaemon(true);
            return made;
        });
        market = new ExchangeMarket(
                exchange,
                settings,
                time,
                this::listener,
                new RestClient(http, settings.restTimeout()),
                this::run,
                new Backoff(settings.restPause(), settings.retryMax(), random.split()));
    }

    @Override
    public String name() {
        return name + ":" + String.join(",", settings.symbols());
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    public void start(FeedListener to) {
        synchronized (lock) {
            if (started || closing) {
                throw new IllegalStateException("feed '" + name() + "' was started or closed before; open a new one");
            }
            started = true;
            listener = to; // handed over to the thread with its first task
            dueNanos = time.monotonicNanos();
        }
        thread.scheduleWithFixedDelay(() -> guarded(this::tick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            if (!started) {
                thread.shutdown();
                return;
            }
        }
        try {
            thread.execute(this::end);
        } catch (RejectedExecutionException e) {
            LOG.debug("feed '{}' has stopped before", name);
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
                if (!thread.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    LOG.warn("feed '{}' did not stop: its listener still blocks", name);
                }
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    // From the network's threads.

    @Override
    public void onOpen(Connection from) {
        run(() -> {
            if (from == connection) {
                subscribe(from);
            }
        });
    }

    @Override
    public void onText(Connection from, String text) {
        long receiveNanos = time.epochNanos();
        run(() -> {
            if (from == connection) {
                take(new Frame(++messages, text, receiveNanos));
                from.handled();
            }
        });
    }

    @Override
    public void onLeftOut(Connection from, String beginning, String reason) {
        run(() -> {
            if (from == connection) {
                market.refuse(new Frame(++messages, beginning, time.epochNanos()), reason);
                from.handled();
            }
        });
    }

    @Override
    public void onAlive(Connection from) {
        run(() -> {
            if (from == connection) {
                heardNanos = time.monotonicNanos();
                from.handled();
            }
        });
    }

    @Override
    public void onEnd(Connection from, String reason) {
        run(() -> {
            if (from == connection) {
                lose(reason);
            }
        });
    }

    /** Runs on the feed's thread, unless it has ended. */
    private void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.trace("feed '{}' has ended: nobody waits for this", name);
        }
    }

    /** A failure here is the listener's, or a fault of ours: it stops the feed, and is told. */
    private void guarded(Runnable task) {
        if (closing || failed) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            failed = true;
            LOG.error("feed '{}' stopped", name, e);
            leave();
            thread.shutdown();
            try {
                listener().onState(ConnectionState.DOWN, String.valueOf(e.getMessage()));
            } catch (RuntimeException again) {
                LOG.error("feed '{}': its listener refused the news that it is DOWN", name, again);
            }
        }
    }

    private void end() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
        if (!failed) {
            try {
                listener().onState(ConnectionState.ENDED, "closed");
            } catch (RuntimeException e) {
                LOG.error("feed '{}': its listener refused the news that it is ENDED", name, e);
            }
        }
    }

    // The connection.

    private void tick() {
        long now = time.monotonicNanos();
        switch (phase) {
            case WAITING -> {
                if (now - dueNanos >= 0) {
                    connect(now);
                }
            }
            case OPENING, OPEN -> {
                if (now - dueNanos >= 0) {
                    lose(
                            rejection.isEmpty()
                                    ? "nothing came within "
                                            + settings.connectTimeout().toMillis() + " ms"
                                    : "the exchange refused: " + rejection);
                }
            }
            case LIVE -> watch(now);
        }
        market.tick(now);
    }

    private void connect(long now) {
        phase = Phase.OPENING;
        dueNanos = now + settings.connectTimeout().toNanos();
        rejection = "";
        listener().onState(ConnectionState.CONNECTING, "to " + settings.socket());
        connection = Connection.open(http, settings.socket(), settings.connectTimeout(), this);
    }

    private void subscribe(Connection open) {
        phase = Phase.OPEN;
        heardNanos = time.monotonicNanos();
        pingNanos = heardNanos;
        dueNanos = heardNanos + settings.connectTimeout().toNanos();
        exchange.subscribe(settings.symbols()).forEach(open::send);
    }

    private void live() {
        long now = time.monotonicNanos();
        phase = Phase.LIVE;
        liveNanos = now;
        market.live(wasLive, now - lostNanos);
        wasLive = true;
        tellLive();
    }

    private void lose(String reason) {
        long now = time.monotonicNanos();
        leave();
        if (phase == Phase.LIVE) {
            lostNanos = now;
            if (now - liveNanos > settings.retryMax().toNanos()) {
                backoff.reset();
            }
        }
        phase = Phase.WAITING;
        market.lost();
        long pause = backoff.nextNanos();
        dueNanos = now + pause;
        listener()
                .onState(
                        ConnectionState.DOWN,
                        reason + "; the next try is in " + TimeUnit.NANOSECONDS.toMillis(pause) + " ms");
    }

    private void leave() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.abort();
        }
    }

    private void watch(long now) {
        long idle = settings.idleTimeout().toNanos();
        if (now - heardNanos > idle) {
            lose("nothing came for " + TimeUnit.NANOSECONDS.toMillis(now - heardNanos) + " ms");
            return;
        }
        Connection open = connection;
        if (open != null && now - pingNanos > idle / PINGS_PER_IDLE_TIMEOUT) {
            pingNanos = now;
            exchange.ping().ifPresent(open::send);
            if (!exchange.beats()) {
                open.ping();
            }
        }
        if (market.watch(now)) {
            tellLive();
        }
        if (open != null) {
            market.resubscriptions(now).forEach(open::send);
        }
    }

    private void tellLive() {
        listener().onState(ConnectionState.LIVE, liveReason());
    }

    private String liveReason() {
        List<String> silent = market.silent();
        return "connected to " + settings.socket().getHost()
                + (silent.isEmpty() ? "" : "; silent: " + String.join(", ", silent))
                + (rejection.isEmpty() ? "" : "; refused: " + rejection);
    }

    // What comes.

    private void take(Frame frame) {
        List<VenueMessage> said;
        try {
            said = exchange.parse(frame.text());
        } catch (InvalidInputException e) {
            market.refuse(frame, String.valueOf(e.getMessage()));
            return;
        }
        Connection of = connection;
        for (VenueMessage message : said) {
            take(message, frame);
            if (of != connection) {
                return; // it was lost by this message
            }
        }
        heardNanos = time.monotonicNanos();
    }

    private void take(VenueMessage message, Frame frame) {
        if (message instanceof Rejected rejected) {
            rejection = rejected.reason();
            market.refuse(frame, "the exchange refused: " + rejection);
        } else if (message instanceof Reconnect reconnect) {
            lose("a new connection is due: " + reconnect.reason());
        } else {
            if (phase == Phase.OPEN) {
                live();
            }
            market.take(message, frame);
        }
    }

    private FeedListener listener() {
        FeedListener to = listener;
        if (to == null) {
            throw new IllegalStateException("feed '" + name() + "' has not been started");
        }
        return to;
    }
}
