package io.tsdash.examples.server;

import io.tsdash.cache.NewestBars;
import io.tsdash.cache.WriteBehind;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.resilience.BackOff;
import io.tsdash.resilience.Bulkhead;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.resilience.Retry;
import io.tsdash.resilience.RetryBudget;
import io.tsdash.resilience.SourceGuard;
import io.tsdash.resilience.TimeLimiter;
import io.tsdash.store.GuardedMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TracedMarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Tracer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What answers readers while parts are away: guards before the store, cached charts, and sources of the latest price that stand in
 * for one another. Thread-safe.
 */
final class ReadSide implements AutoCloseable {
    static final String STORE = "store";
    static final String CHAIN = "latest";
    static final String GUARD = "a source of the latest price";
    static final List<String> SOURCES = List.of("live", "cache", "last", STORE);

    /** So many requests are worked on: more than may ask the store, so that a slow one does not hold them all. */
    static final int REQUESTS_MAX = 8;

    static final int REQUESTS_WAITING_MAX = 64;

    /** Together with two lanes of trades and a writer of bars within the 8 connections that a store has. */
    private static final int QUESTIONS_MAX = 4;

    private static final int QUESTIONS_WAITING_MAX = 32;
    /** Enough for a crowd's turn at a store that is well. */
    private static final Duration TURN_MAX = Duration.ofMillis(250);

    private static final int TRIES_MAX = 2;
    private static final BackOff RETRY_PAUSE = new BackOff(Duration.ofMillis(20), Duration.ofMillis(20));
    /** Of the 2 s that a chart may take to be found. */
    private static final Duration RETRY_MAX = Duration.ofSeconds(1);

    private static final int RETRY_TOKENS = 10;
    private static final double RETRY_SHARE = 0.1;

    private static final Duration HUB_MAX = Duration.ofMillis(500);
    /** All sources together are to answer within 100 ms. */
    private static final Duration SOURCE_MAX = Duration.ofMillis(40);

    private static final String NO_SYMBOL = "-";
    private static final int CALLS_MAX = 8;
    private static final int CALLS_COUNTED = 20;
    private static final int CALLS_MIN = 5;
    private static final double FAILURES_MAX = 0.5;
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

    private final ThreadPoolExecutor threads;
    private final CircuitBreaker breaker;
    private final MarketStore history;
    private final NewestBars newestBars;
    private final KeptPrices prices;
    private final FallbackChain<String, PriceUpdate> latest;

    ReadSide(Hub hub, MarketStore store, Caches caches, ServerListeners listeners, Tracer tracer, TimeSource time) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(0, CALLS_MAX, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "tsdash-latest-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        breaker = CircuitBreaker.builder(STORE)
                .countWindow(CALLS_COUNTED, CALLS_MIN, FAILURES_MAX)
                .failsOn(TransientException.class::isInstance)
                .pause(PAUSE_MIN, PAUSE_MAX)
                .time(time)
                .listener(listeners.breakers())
                .build();
        history = guarded(new TracedMarketStore(store, tracer, time), listeners, time);
        newestBars = new NewestBars(history, caches.bars(), listeners.caches(), time);
        prices = new KeptPrices(
                hub, caches.ownPrices(), caches.prices(), Caches.PRICES_MAX, listeners.pricesBehind(), time);
        TimeLimiter soon = new TimeLimiter(GUARD, SOURCE_MAX, CALLS_MAX, threads, listeners.guards());
        latest = FallbackChain.<String, PriceUpdate>builder(CHAIN)
                .source(SOURCES.get(0), LatestPrices.live(hub, HUB_MAX))
                .source(SOURCES.get(1), prices.source(), SourceGuard.none().timeLimiter(soon))
                .source(SOURCES.get(2), LatestPrices.lastSeen(hub, HUB_MAX))
                .source(
                        SOURCES.get(3),
                        LatestPrices.stored(history),
                        SourceGuard.none().timeLimiter(soon))
                .time(time)
                .listener(listeners.fallbacks())
                .build();
    }

    /** Returns what keeps questions away from a store that fails. */
    CircuitBreaker breaker() {
        return breaker;
    }

    /** Returns the store for questions about history. */
    MarketStore history() {
        return history;
    }

    /** Returns the newest bars for charts. */
    NewestBars newestBars() {
        return newestBars;
    }

    /** Returns the prices on their way to other servers. */
    WriteBehind<PriceUpdate> pricesBehind() {
        return prices.behind();
    }

    /** Returns a store whose writes have cached charts found anew. */
    MarketStore refreshedBy(MarketStore bars) {
        return newestBars.refreshedBy(bars);
    }

    /** Begins to keep prices for others. */
    void start() {
        prices.start();
    }

    /** Returns where the latest price comes from. */
    FallbackChain<String, PriceUpdate> latest() {
        return latest;
    }

    /** Returns why the store is not asked; empty while it is. Whoever asks this has it tried again, also when there is no reader. */
    Optional<String> problem() {
        if (breaker.state() == CircuitBreaker.State.CLOSED) {
            return Optional.empty();
        }
        try {
            threads.execute(this::probe);
        } catch (RejectedExecutionException e) {
            // All threads ask it already.
        }
        return Optional.of("questions to it failed: it is left alone for a while");
    }

    private MarketStore guarded(MarketStore store, ServerListeners listeners, TimeSource time) {
        Bulkhead bulkhead = new Bulkhead(STORE, QUESTIONS_MAX, QUESTIONS_WAITING_MAX, TURN_MAX, listeners.guards());
        Retry retry = Retry.builder(STORE)
                .attempts(TRIES_MAX)
                .backOff(RETRY_PAUSE)
                .deadline(RETRY_MAX)
                .retriesOn(cause -> cause instanceof TransientException && !(cause instanceof CallRefusedException))
                .budget(new RetryBudget(RETRY_TOKENS, RETRY_SHARE))
                .time(time)
                .listener(listeners.retries())
                .build();
        return new GuardedMarketStore(store, bulkhead, retry, breaker);
    }

    private void probe() {
        try {
            history.lastTrade(NO_SYMBOL);
        } catch (TsdashException e) {
            // The breaker has seen it.
        }
    }

    @Override
    public void close() {
        prices.close();
        newestBars.close();
        threads.shutdownNow();
    }
}
