package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CacheAsideTest {
    private static final CachePolicy POLICY = new CachePolicy(
            "test", Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(1), 0);

    private final ManualTime time = new ManualTime(1_800_000_000_000_000_000L);
    private final AwayCache<String> cache = new AwayCache<>(Cache.inMemory(100, time));
    private final AtomicInteger loads = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final List<CacheAside<String>> open = new ArrayList<>();
    private volatile CacheLoader<String> source = key -> Optional.of(key + loads.get());

    @AfterEach
    void close() {
        open.forEach(CacheAside::close);
    }

    @Test
    void loadsOnceAndAnswersFromTheCacheWithAge() {
        CacheAside<String> aside = aside(POLICY);
        assertThat(aside.get("k")).isEqualTo(new CachedValue<>(Optional.of("k1"), 0, false));
        time.advance(Duration.ofSeconds(9));
        assertThat(aside.get("k")).isEqualTo(new CachedValue<>(Optional.of("k1"), 9_000_000_000L, false));
        assertThat(aside.counts())
                .extracting(CacheCounts::hits, CacheCounts::misses, CacheCounts::loads)
                .containsExactly(1L, 1L, 1L);
        assertThat(aside.counts().hitRate()).isEqualTo(0.5);
    }

    @Test
    void looksForAKeyOnceHoweverManyAsk() throws Exception {
        CountDownLatch asked = new CountDownLatch(50);
        CountDownLatch answer = new CountDownLatch(1);
        source = key -> {
            answer.await();
            return Optional.of("v");
        };
        CacheAside<String> aside = aside(POLICY);
        ExecutorService callers = Executors.newFixedThreadPool(50);
        List<Future<CachedValue<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(callers.submit(() -> {
                asked.countDown();
                return aside.get("k", Duration.ofSeconds(20));
            }));
        }
        asked.await();
        answer.countDown();
        for (Future<CachedValue<String>> each : answers) {
            assertThat(each.get().value()).contains("v");
        }
        callers.shutdown();
        assertThat(loads).hasValue(1);
    }

    @Test
    void givesOutAStaleValueWhileItIsFoundAnew() {
        CacheAside<String> aside = aside(POLICY);
        aside.get("k");
        time.advance(Duration.ofSeconds(12));
        assertThat(aside.get("k")).isEqualTo(new CachedValue<>(Optional.of("k1"), 12_000_000_000L, true));
        Eventually.holds(() -> aside.get("k").value().orElseThrow().equals("k2"));
        assertThat(loads).hasValue(2);
        assertThat(aside.counts().staleHits()).isPositive();
    }

    @Test
    void givesOutAStaleValueWhenTheSourceFailsAndNotForEver() {
        CacheAside<String> aside = aside(POLICY);
        aside.get("k");
        source = key -> {
            throw new TransientException("store away");
        };
        time.advance(Duration.ofSeconds(16));
        assertThat(aside.get("k")).isEqualTo(new CachedValue<>(Optional.of("k1"), 16_000_000_000L, true));
        time.advance(Duration.ofSeconds(53));
        assertThat(aside.get("k").stale()).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(TransientException.class)
                .hasMessage("the loader of test failed for key 'k': store away");
        assertThat(told).contains("failed k");
        source = key -> Optional.of("back");
        assertThat(aside.get("k")).isEqualTo(new CachedValue<>(Optional.of("back"), 0, false));
    }

    @Test
    void keepsForAWhileThatThereIsNothing() {
        source = key -> Optional.empty();
        CacheAside<String> aside = aside(POLICY);
        assertThat(aside.get("k").value()).isEmpty();
        time.advance(Duration.ofMillis(900));
        assertThat(aside.get("k").value()).isEmpty();
        assertThat(loads).hasValue(1);
        time.advance(Duration.ofMillis(100));
        source = key -> Optional.of("new");
        assertThat(aside.get("k").value()).contains("new");

        source = key -> Optional.empty();
        CacheAside<String> without = aside(POLICY.withAbsent(Duration.ZERO));
        without.get("other");
        without.get("other");
        assertThat(loads).hasValue(4);
    }

    @Test
    void aLoaderThatReturnsNullOrThrowsFailsForWhoWaitsAndNothingIsKept() {
        CacheAside<String> aside = aside(POLICY);
        source = key -> nothing();
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("returned null but it must return Optional.empty()");
        source = key -> {
            throw new java.io.IOException("broken");
        };
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("broken")
                .hasRootCauseInstanceOf(java.io.IOException.class);
        source = key -> {
            throw new StackOverflowError();
        };
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("StackOverflow");
        source = key -> Optional.of("v");
        assertThat(aside.get("k").value()).contains("v");
        assertThat(aside.counts().loadFailures()).isEqualTo(3);
        assertThat(told)
                .filteredOn(each -> each.startsWith("test "))
                .containsExactly("test ERROR", "test ERROR", "test ERROR", "test OK");
    }

    @Test
    void givesUpALoaderThatDoesNotReturnAndAsksAgain() {
        CountDownLatch interrupted = new CountDownLatch(1);
        source = key -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return Optional.of("never");
        };
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY)
                .loadTimeout(Duration.ofMillis(100))
                .listener(listener())
                .build();
        open.add(aside);
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(TransientException.class)
                .hasMessage("the loader of test has not answered for key 'k' within PT0.1S");
        assertThat(aside.counts().abandoned()).isEqualTo(1);
        assertThat(told).contains("abandoned k", "test ABANDONED");
        Eventually.holds(() -> interrupted.getCount() == 0);
        source = key -> Optional.of("v");
        assertThat(aside.get("k").value()).contains("v");
    }

    @Test
    void loadsInTheBackgroundThatNeverReturnDoNotHoldTheThreadsForEver() {
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY.withWhileRevalidating(Duration.ofHours(1)))
                .threads(4)
                .loadTimeout(Duration.ofSeconds(2))
                .time(time)
                .random(() -> 0)
                .listener(listener())
                .build();
        open.add(aside);
        List<String> hanging = List.of("a", "b", "c", "d");
        hanging.forEach(aside::get);
        aside.get("asked");
        aside.get("refreshed");
        source = key -> {
            if (hanging.contains(key)) {
                new CountDownLatch(1).await();
            }
            return Optional.of("new");
        };
        time.advance(Duration.ofSeconds(12));
        hanging.forEach(key -> assertThat(aside.get(key).stale()).isTrue());
        Eventually.holds(() -> loads.get() == 10);
        time.advance(Duration.ofSeconds(2));
        aside.get("asked");
        Eventually.holds(() -> aside.get("asked").value().orElseThrow().equals("new"));
        assertThat(told).contains("abandoned a", "abandoned b", "abandoned c", "abandoned d");

        hanging.forEach(aside::refresh);
        Eventually.holds(() -> loads.get() == 15);
        time.advance(Duration.ofSeconds(2));
        aside.refresh("refreshed");
        Eventually.holds(
                () -> cache.get("refreshed").orElseThrow().value().orElseThrow().equals("new"));
    }

    @Test
    void refusesAtOnceWhatNoThreadAndNoPlaceIsLeftFor() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        source = key -> {
            while (!end.await(1, TimeUnit.SECONDS)) {
                Thread.onSpinWait();
            }
            return Optional.of("late");
        };
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY)
                .threads(1)
                .waitingMax(1)
                .time(time)
                .listener(listener())
                .build();
        open.add(aside);
        for (String key : List.of("a", "b")) {
            assertThatThrownBy(() -> aside.get(key, Duration.ofMillis(20))).hasMessageContaining("has not answered");
        }
        assertThatThrownBy(() -> aside.get("c", Duration.ofSeconds(20)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("all threads of the loader of test are at work");
        assertThat(told).contains("refused c");
        assertThat(aside.counts().refused()).isEqualTo(1);
        end.countDown();
        Eventually.holds(() -> cache.get("b").isPresent());
        assertThat(aside.get("a").value()).contains("late");
    }

    @Test
    void doesNotKeepWhatWasBegunBeforeAWrite() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        source = key -> {
            begun.countDown();
            end.await();
            return Optional.of("old");
        };
        CacheAside<String> aside = aside(POLICY);
        ExecutorService caller = Executors.newSingleThreadExecutor();
        Future<CachedValue<String>> early = caller.submit(() -> aside.get("k", Duration.ofSeconds(20)));
        begun.await();
        aside.put("k", "new");
        end.countDown();
        assertThat(early.get().value()).contains("old");
        assertThat(aside.get("k").value()).contains("new");
        caller.shutdown();
        assertThat(aside.get("k").value()).contains("new");
    }

    @Test
    void aRefreshThatComesWhileAnOlderValueIsBeingKeptIsNotLost() throws Exception {
        CountDownLatch keeping = new CountDownLatch(1);
        CompletableFuture<Boolean> keep = new CompletableFuture<>();
        cache.beforePut = () -> {
            keeping.countDown();
            keep.join();
        };
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY)
                .time(time)
                .random(() -> 0)
                .executor(Runnable::run)
                .build();
        open.add(aside);
        Thread first = new Thread(() -> aside.get("k"));
        first.start();
        keeping.await();
        Thread refresh = new Thread(() -> aside.refresh("k"));
        refresh.start();
        Eventually.holds(() -> refresh.getState() == Thread.State.WAITING || !refresh.isAlive());
        keep.complete(true);
        first.join();
        refresh.join();
        assertThat(aside.get("k").value()).contains("k2");
    }

    @Test
    void whatIsLookedForAfterARefreshWasAskedForIsKept() {
        List<Runnable> background = new CopyOnWriteArrayList<>();
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY)
                .time(time)
                .random(() -> 0)
                .executor(background::add)
                .build();
        open.add(aside);
        aside.refresh("k");
        source = key -> {
            background.get(0).run(); // the refresh comes to its turn meanwhile
            return Optional.of("new");
        };
        CompletableFuture<CachedValue<String>> answer = CompletableFuture.supplyAsync(() -> aside.get("k"));
        Eventually.holds(() -> background.size() == 2);
        background.get(1).run();
        assertThat(answer.join().value()).contains("new");
        assertThat(cache.get("k")).isPresent();
    }

    @Test
    void answersFromTheLoaderWhileTheCacheIsAway() {
        CacheAside<String> aside = aside(POLICY);
        cache.away = true;
        assertThat(aside.get("k").value()).contains("k1");
        assertThat(aside.get("k").value()).contains("k2");
        aside.put("k", "v");
        aside.invalidate("k");
        assertThat(aside.counts().cacheFailures()).isGreaterThanOrEqualTo(4);
        assertThat(told).contains("cache k");
        cache.away = false;
        assertThat(aside.get("k").value()).contains("k3");
        aside.get("k");
        assertThat(loads).hasValue(3);
    }

    @Test
    void findsAValueAnewShortlyBeforeItGoesStaleTheSoonerTheLongerThatTakes() {
        source = key -> {
            time.advance(Duration.ofSeconds(1)); // that is how long it takes
            return Optional.of("v" + loads.get());
        };
        AtomicInteger chance = new AtomicInteger();
        CacheAside<String> aside = CacheAside.of(cache, counted(), POLICY)
                .time(time)
                .random(() -> chance.get() / 1_000.0)
                .build();
        open.add(aside);
        aside.get("k");
        time.advance(Duration.ofSeconds(7)); // 2 s are left, twice the time of a load
        chance.set(860); // 1 - e^-2 is 0.865
        aside.get("k");
        assertThat(aside.counts().loads()).isEqualTo(1);
        chance.set(870);
        assertThat(aside.get("k").stale()).isFalse();
        Eventually.holds(() -> aside.counts().loads() == 2);
    }

    @Test
    void refreshesOnlyWhatIsInTheCache() {
        CacheAside<String> aside = aside(POLICY);
        aside.refresh("unknown");
        aside.get("k");
        aside.refresh("k");
        Eventually.holds(() -> aside.get("k").value().orElseThrow().equals("k2"));
        assertThat(loads).hasValue(2);
        aside.invalidate("k");
        assertThat(aside.get("k").value()).contains("k3");
    }

    @Test
    void aLoaderMayAskTheSameCacheForAnotherKey() {
        CacheAside<String> aside = aside(POLICY);
        source = key -> key.equals("outer") ? open.get(0).get("inner").value().map("in "::concat) : Optional.of(key);
        assertThat(aside.get("outer").value()).contains("in inner");
    }

    @Test
    void countsTheKeysThatAreAskedForMost() {
        CacheAside<String> aside = aside(POLICY);
        for (int i = 0; i < 5_000; i++) {
            aside.get("hot");
            aside.get("k" + i % 50);
        }
        assertThat(aside.hotKeys().get(0).key()).isEqualTo("hot");
        assertThat(aside.hotKeys().get(0).count()).isBetween(3_000L, 7_000L);
    }

    @Test
    void refusesWrongKeysWrongSettingsAndCallsAfterClose() {
        CacheAside<String> aside = aside(POLICY);
        assertThatThrownBy(() -> aside.get("a\tb")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> aside.refresh("")).isInstanceOf(InvalidInputException.class);
        aside.close();
        aside.close();
        assertThatThrownBy(() -> aside.get("k"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> CacheAside.of(cache, counted(), POLICY)
                        .threads(0)
                        .waitingMax(-1)
                        .hotKeys(0)
                        .loadTimeout(Duration.ZERO)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(4));
        assertThatThrownBy(() -> new CachePolicy(
                        "",
                        Duration.ZERO,
                        Duration.ofDays(-1),
                        Duration.ofDays(9_999),
                        Duration.ofDays(-1),
                        Double.NaN))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(6));
    }

    @Test
    void theTableOfTheKinds() {
        assertThat(CachePolicy.LAST_PRICE.fresh()).isEqualTo(Duration.ofSeconds(5));
        assertThat(CachePolicy.LAST_PRICE.fresh().plus(CachePolicy.LAST_PRICE.onError()))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(CachePolicy.BARS_1M.fresh()).isEqualTo(Duration.ofMinutes(1));
        assertThat(CachePolicy.BARS_5M.fresh()).isEqualTo(Duration.ofMinutes(5));
        assertThat(CachePolicy.DAILY_CLOSES.fresh()).isEqualTo(Duration.ofHours(24));
        assertThat(CachePolicy.REFERENCE_DATA.fresh()).isEqualTo(Duration.ofDays(7));
        assertThat(CachePolicy.USER_DATA.fresh()).isEqualTo(Duration.ofHours(24));
        assertThat(CachePolicy.BARS_1M.lifetime(0).fresh()).isEqualTo(Duration.ofMinutes(1));
        assertThat(CachePolicy.BARS_1M.lifetime(0.5).fresh()).isEqualTo(Duration.ofSeconds(57));
    }

    private CacheAside<String> aside(CachePolicy policy) {
        CacheAside<String> aside = CacheAside.of(cache, counted(), policy)
                .time(time)
                .random(() -> 0)
                .listener(listener())
                .loadTimeout(Duration.ofSeconds(20))
                .build();
        open.add(aside);
        return aside;
    }

    private CacheLoader<String> counted() {
        return key -> {
            loads.incrementAndGet();
            return source.load(key);
        };
    }

    @SuppressWarnings("NullAway") // what a loader must not do
    private static Optional<String> nothing() {
        return null;
    }

    private CacheAsideListener listener() {
        return new CacheAsideListener() {
            @Override
            public void onLoadEnded(String kind, LoadOutcome outcome, long nanos) {
                told.add(kind + " " + outcome + (nanos >= 0 ? "" : " before it began"));
            }

            @Override
            public void onLoadFailed(String kind, String key, RuntimeException cause) {
                told.add("failed " + key);
            }

            @Override
            public void onLoadAbandoned(String kind, String key) {
                told.add("abandoned " + key);
            }

            @Override
            public void onLoadRefused(String kind, String key) {
                told.add("refused " + key);
            }

            @Override
            public void onCacheFailed(String kind, String key, RuntimeException cause) {
                told.add("cache " + key);
            }
        };
    }
}
