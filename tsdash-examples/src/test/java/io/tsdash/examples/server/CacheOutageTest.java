package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.CachedValue;
import io.tsdash.distribution.Hub;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Side;
import io.tsdash.resilience.Answer;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.trace.Tracer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What readers get while a real Redis is away for minutes, by a clock of the test. */
@Timeout(120)
class CacheOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Interval MINUTE = Interval.parse("1m");
    private static final Duration COPY = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final ManualTimeSource time = new ManualTimeSource(1_800_000_000_000_000_000L);
    private final MarketStore plain = MarketStore.inMemory();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean storeAway;
    private final MarketStore store = new ForwardingMarketStore(plain) {
        @Override
        public List<Bar> bars(BarRange range) {
            asked.incrementAndGet();
            if (storeAway) {
                throw new CallRefusedException(
                        "the store is away"); // which is not tried again after a pause of the clock
            }
            return super.bars(range);
        }
    };
    private final EventReporter reporter = new EventReporter(time);

    @AfterEach
    void close() {
        reporter.close();
    }

    @Test
    void chartsCostTheStoreLittleAndStayMarkedStaleWhenItIsAwayTooAndTheNewerOneHoldsAfterwards() {
        try (RedisServer redis = RedisServer.start(folder);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                Caches caches = caches(proxy.port());
                Caches others = caches(redis.port());
                Hub hub = Hub.builder().time(time).build();
                ReadSide readers = readers(hub, caches);
                ReadSide otherReaders = readers(hub, others)) {
            hub.start();
            plain.upsertBars(List.of(bar(0)));
            assertThat(chart(readers).value().orElseThrow()).hasSize(1);
            proxy.refuse();
            int before = asked.get();
            for (int second = 0; second < 60; second++) {
                time.advance(Duration.ofSeconds(1));
                assertThat(chart(readers).stale()).isFalse();
                assertThat(chart(readers).value().orElseThrow()).hasSize(1);
            }
            assertThat(asked.get() - before)
                    .as("questions to the store for 120 charts in a minute")
                    .isBetween(1, 7);

            readers.refreshedBy(plain).upsertBars(List.of(bar(1)));
            Eventually.holds(
                    "the bar that closed is in the chart",
                    PATIENCE,
                    () -> chart(readers).value().orElseThrow().size() == 2);
            storeAway = true;
            time.advance(COPY);
            assertThat(chart(readers).stale()).isTrue();
            time.advance(Duration.ofMinutes(9));
            assertThat(chart(readers).stale()).isTrue();
            assertThat(chart(readers).value().orElseThrow()).hasSize(2);

            storeAway = false;
            time.advance(Duration.ofSeconds(3)); // no breaker is open any more
            plain.upsertBars(List.of(bar(2)));
            assertThat(chart(otherReaders).value().orElseThrow()).hasSize(3);
            storeAway = true;
            proxy.heal();
            Eventually.holds("what another server has found meanwhile is here", PATIENCE, () -> {
                time.advance(Duration.ofMillis(100));
                try {
                    return chart(readers).value().orElseThrow().size() == 3;
                } catch (TransientException e) {
                    return false; // the copy of that time is gone, and Redis does not answer yet
                }
            });
            assertThat(chart(readers).stale()).isFalse();
        }
    }

    @Test
    void aPriceOfAnotherServerIsAnsweredAsLongAsItsPolicySays() {
        try (RedisServer redis = RedisServer.start(folder);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                Caches caches = caches(proxy.port());
                Caches others = caches(redis.port());
                Hub hub = Hub.builder().time(time).build();
                ReadSide readers = readers(hub, caches)) {
            hub.start();
            PriceUpdate price = new PriceUpdate(
                    "A", time.epochNanos(), 1.5, 2, Side.SELL, Double.NaN, 7, 1.4, Double.NaN, 3, Double.NaN);
            others.prices().put("A", CacheEntry.of(price, time.epochNanos(), CachePolicy.LAST_PRICE.lifetime(0)));
            assertThat(readers.latest().get("A")).get().satisfies(CacheOutageTest::isOfTheCache);
            proxy.refuse();
            for (int i = 0; i < 5; i++) {
                time.advance(Duration.ofSeconds(10));
                assertThat(readers.latest().get("A")).get().satisfies(CacheOutageTest::isOfTheCache);
            }
            time.advance(CachePolicy.LAST_PRICE
                    .fresh()
                    .plus(CachePolicy.LAST_PRICE.onError())
                    .minusSeconds(50));
            assertThatThrownBy(() -> readers.latest().get("A").orElseThrow()).isInstanceOf(TsdashException.class);
        }
    }

    private static void isOfTheCache(Answer<PriceUpdate> answer) {
        assertThat(answer.value().price()).isEqualTo(1.5);
        assertThat(answer.source()).isEqualTo("cache");
        assertThat(answer.stale()).isTrue();
    }

    private Caches caches(int port) {
        return new Caches(
                new CacheChoice(Optional.of("redis://127.0.0.1:" + port), List.of()),
                new CacheReporter(reporter),
                reporter.redis(),
                Optional.empty(),
                time);
    }

    private ReadSide readers(Hub hub, Caches caches) {
        return new ReadSide(hub, store, caches, new ServerListeners(reporter, Optional.empty()), Tracer.none(), time);
    }

    private static CachedValue<List<Bar>> chart(ReadSide readers) {
        return readers.newestBars().newest("A", MINUTE, 10);
    }

    private static Bar bar(int number) {
        long open = number * MINUTE.size().toNanos();
        long close = MINUTE.closeTimeNanos(open);
        return new Bar("A", MINUTE, open, close, 2, 3, 1, 2, 10, 20, 4, open, open + 1, 1, BarState.CLOSED);
    }
}
