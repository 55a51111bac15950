package io.tsdash.examples.server;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.MarketCodecs;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.model.Bar;
import io.tsdash.model.PriceUpdate;
import io.tsdash.redis.RedisCache;
import io.tsdash.redis.RedisConnection;
import io.tsdash.redis.RedisInvalidations;
import io.tsdash.redis.RedisListener;
import io.tsdash.redis.RedisOptions;
import io.tsdash.redis.RedisRateLimiter;
import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateLimit;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept close for readers: on this server, or on a Redis that servers share, with copies here. Thread-safe. */
final class Caches implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Caches.class);
    private static final String PREFIX = "tsdash:";
    /** Of answers, so that one that is not there costs a reader little. */
    private static final Duration ANSWER_MAX = Duration.ofMillis(100);
    /** Of limits, which each request waits for. */
    private static final Duration LIMIT_MAX = Duration.ofMillis(30);

    private static final Duration COPIES_MAX = Duration.ofSeconds(10);
    /** Of charts: as long as the policy of any of them lets one be given out. */
    private static final Duration CHARTS_STAND_IN =
            CachePolicy.DAILY_CLOSES.fresh().plus(CachePolicy.DAILY_CLOSES.onError());

    private static final int CHARTS_MAX = 2_000;
    static final int PRICES_MAX = 20_000;
    private static final int USERS_MAX = 10_000;
    /** Of which the probe takes permits; those of users and addresses have a colon. */
    private static final String NOBODY = "probe";

    private static final int BREAKER_FAILURES = 3;
    private static final Duration BREAKER_PAUSE_MAX = Duration.ofSeconds(1);

    private final CacheReporter reporter;
    private final Optional<Instruments> instruments;
    private final TimeSource time;
    private final Optional<RedisConnection> redis;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // newest first
    private final Cache<List<Bar>> bars;
    private final Cache<PriceUpdate> ownPrices;
    private final Cache<PriceUpdate> prices;
    private final Cache<String> users;
    private final Optional<KeyedRateLimiter> limiter;
    private final List<Runnable> probes = new ArrayList<>();
    private Optional<Supplier<Optional<String>>> limitProblem = Optional.empty();

    /** @throws io.tsdash.error.TsdashException if Redis cannot be used; what was opened is closed again */
    Caches(
            CacheChoice choice,
            CacheReporter reporter,
            RedisListener listener,
            Optional<Instruments> instruments,
            TimeSource time) {
        this.reporter = reporter;
        this.instruments = instruments;
        this.time = time;
        try {
            redis = choice.address().map(address -> connect(address, ANSWER_MAX, listener));
            bars = twoLevels("bars:", MarketCodecs.bars(), CHARTS_MAX, CHARTS_STAND_IN);
            ownPrices = add(local(PRICES_MAX));
            Optional<RedisCache<PriceUpdate>> sharedPrices = shared("price:", MarketCodecs.price());
            sharedPrices.ifPresent(each -> probes.add(add(each)::probe));
            prices = counted(
                    CachePolicy.LAST_PRICE,
                    sharedPrices.<Cache<PriceUpdate>>map(each -> each).orElse(ownPrices));
            users = twoLevels("user:", CacheCodec.text(), USERS_MAX, Duration.ZERO); // rather none than an old one
            limiter = choice.limits().isEmpty()
                    ? Optional.empty()
                    : Optional.of(choice.address()
                            .map(address -> shared(connect(address, LIMIT_MAX, listener), choice.limits()))
                            .orElseGet(() -> own(choice.limits())));
            if (!probes.isEmpty()) {
                add(new RedisProbe(probes));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns the cache of charts. */
    Cache<List<Bar>> bars() {
        return bars;
    }

    /** Returns the cache of last prices of this server alone. */
    Cache<PriceUpdate> ownPrices() {
        return ownPrices;
    }

    /** Returns the cache of last prices; where none is shared, that of this server. */
    Cache<PriceUpdate> prices() {
        return prices;
    }

    /** Returns the cache of what users keep. */
    Cache<String> users() {
        return users;
    }

    /** Returns a cache with its questions counted, for one that is read as it is. */
    <V> Cache<V> counted(CachePolicy kind, Cache<V> cache) {
        return instruments.map(each -> each.metered(kind, cache)).orElse(cache);
    }

    /** Returns what counts requests; empty where nobody asked for it. */
    Optional<KeyedRateLimiter> limiter() {
        return limiter;
    }

    /** Returns why the shared caches are away; empty while they are not, or there are none. */
    Optional<String> problem() {
        return redis.map(RedisConnection::problem).filter(problem -> !problem.isEmpty());
    }

    /** Returns what says why limits are not shared, and is empty while they are; empty where they need not be. */
    Optional<Supplier<Optional<String>>> limitProblem() {
        return limitProblem;
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.error("a cache did not close", e);
            }
        }
    }

    private <V> Cache<V> twoLevels(String kind, CacheCodec<V> codec, int entriesMax, Duration standIn) {
        Optional<RedisCache<V>> shared = shared(kind, codec);
        if (shared.isEmpty()) {
            return add(local(entriesMax));
        }
        RedisInvalidations invalidations = add(RedisInvalidations.open(redis.orElseThrow(), PREFIX + kind));
        return add(new TwoLevelCache<>(local(entriesMax), shared.get(), COPIES_MAX, standIn, invalidations, time));
    }

    private <V> Optional<RedisCache<V>> shared(String kind, CacheCodec<V> codec) {
        return redis.map(connection -> RedisCache.on(connection, PREFIX + kind, codec)
                .listener(reporter)
                .time(time)
                .open());
    }

    private <V> LocalCache<V> local(int entriesMax) {
        return LocalCache.<V>builder().entriesMax(entriesMax).time(time).build();
    }

    private KeyedRateLimiter shared(RedisConnection connection, List<RateLimit> limits) {
        RedisRateLimiter shared = RedisRateLimiter.on(connection, PREFIX + "limit:", limits)
                .localShareOf(1)
                .listener(reporter)
                .time(time)
                .build();
        limitProblem = Optional.of(() -> Optional.of("limits go by this server alone; " + connection.problem())
                .filter(any -> shared.isAway()));
        probes.add(() -> shared.tryAcquire(NOBODY, 1));
        return shared;
    }

    private KeyedRateLimiter own(List<RateLimit> limits) {
        return LocalRateLimiter.of(limits.toArray(RateLimit[]::new))
                .listener(reporter)
                .time(time)
                .build();
    }

    private RedisConnection connect(String address, Duration timeout, RedisListener listener) {
        return add(RedisConnection.open(
                RedisOptions.at(address)
                        .timeout(timeout)
                        .breaker(BREAKER_FAILURES, BREAKER_PAUSE_MAX)
                        .build(),
                listener,
                time));
    }

    private <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }
}
