package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.resilience.Answer;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.Dated;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.resilience.FallbackChainBuilder;
import io.tsdash.resilience.FallbackListener;
import io.tsdash.resilience.FallbackSource;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.SourceGuard;
import io.tsdash.resilience.TimeLimiter;
import io.tsdash.testkit.ManualTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The price of a symbol from the feed, else a cache, else a store. */
class FallbackChainTest {
    private final ManualTimeSource time =
            new ManualTimeSource(Duration.ofDays(20_000).toNanos());
    private final Source feed = new Source();
    private final Source cache = new Source();
    private final Source store = new Source();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("feed").consecutiveFailures(3).time(time).build();
    private final List<String> told = new ArrayList<>();
    private final FallbackChain<String, Double> prices = builder()
            .source("feed", feed, SourceGuard.none().breaker(breaker))
            .source("cache", cache, SourceGuard.none().maxAge(Duration.ofMinutes(5)))
            .source("store", store)
            .build();

    /** Values that can be taken away. */
    private static final class Source implements FallbackSource<String, Double> {
        final Map<String, Dated<Double>> values = new HashMap<>();
        boolean away;
        int asked;

        @Override
        public Optional<Dated<Double>> find(String symbol) throws IOException {
            asked++;
            if (away) {
                throw new IOException("connection reset");
            }
            return Optional.ofNullable(values.get(symbol));
        }
    }

    @Test
    void givesTheLiveValueWhileThereIsOneThenTheCachedThenTheStoredAndGoesBackByItself() {
        put(feed, 101);
        put(cache, 100);
        put(store, 99);
        assertThat(prices.get("AAPL")).contains(new Answer<>(101.0, "feed", Duration.ZERO, false));
        feed.away = true;
        time.advance(Duration.ofSeconds(7));
        assertThat(prices.get("AAPL")).contains(new Answer<>(100.0, "cache", Duration.ofSeconds(7), true));
        time.advance(Duration.ofMinutes(5));
        assertThat(prices.get("AAPL")).contains(new Answer<>(99.0, "store", Duration.ofSeconds(307), true));
        feed.away = false;
        put(feed, 102);
        assertThat(prices.get("AAPL")).contains(new Answer<>(102.0, "feed", Duration.ZERO, false));
        assertThat(prices.get("AAPL")).isPresent();
        assertThat(told)
                .containsExactly(
                        "price fell from feed: connection reset",
                        "price fell from feed: connection reset",
                        "price fell from cache: what it has is PT5M7S old",
                        "price is back");
    }

    @Test
    void asksASourceThatKeepsFailingNoMoreUntilItsBreakerSends() {
        put(cache, 100);
        feed.away = true;
        for (int i = 0; i < 10; i++) {
            assertThat(prices.get("AAPL").orElseThrow().source()).isEqualTo("cache");
        }
        assertThat(feed.asked).isEqualTo(3);
        feed.away = false;
        put(feed, 101);
        assertThat(prices.get("AAPL").orElseThrow().stale()).isTrue();
        time.advance(Duration.ofSeconds(30));
        assertThat(prices.get("AAPL").orElseThrow().stale()).isFalse();
        assertThat(told).contains("price fell from feed: breaker 'feed' is OPEN for another PT30S");
    }

    @Test
    void nothingAnywhereIsAnAnswerButOnlyIfAllWereAsked() {
        assertThat(prices.get("NOSUCH")).isEmpty();
        assertThat(told).isEmpty();
        store.away = true;
        assertThatThrownBy(() -> prices.get("NOSUCH"))
                .isInstanceOf(TransientException.class)
                .hasMessage("no source has price of 'NOSUCH': store: connection reset");
        put(feed, 101);
        assertThat(prices.get("AAPL")).isPresent();
    }

    @Test
    void aLiveValueMayBeStaleToo() {
        FallbackChain<String, Double> chain =
                builder().source("feed", feed).staleAfter(Duration.ofSeconds(5)).build();
        put(feed, 101);
        time.advance(Duration.ofSeconds(5));
        assertThat(chain.get("AAPL").orElseThrow().stale()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(chain.get("AAPL")).contains(new Answer<>(101.0, "feed", Duration.ofNanos(5_000_000_001L), true));
        time.jumpTo(0);
        assertThat(chain.get("AAPL").orElseThrow().age())
                .as("of what seems to come from the future")
                .isZero();
    }

    @Test
    void aSourceThatNeverAnswersIsGivenUp() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        CountDownLatch end = new CountDownLatch(1);
        try {
            TimeLimiter limiter = new TimeLimiter("feed", Duration.ofMillis(20), 4, threads, GuardListener.none());
            FallbackChain<String, Double> chain = builder()
                    .source(
                            "feed",
                            symbol -> {
                                end.await();
                                return Optional.empty();
                            },
                            SourceGuard.none().timeLimiter(limiter).breaker(breaker))
                    .source("cache", cache)
                    .build();
            put(cache, 100);
            for (int i = 0; i < 5; i++) {
                assertThat(chain.get("AAPL").orElseThrow().value()).isEqualTo(100);
            }
            assertThat(told)
                    .startsWith("price fell from feed: call 'feed' took longer than PT0.02S")
                    .endsWith("price fell from feed: breaker 'feed' is OPEN for another PT30S");
        } finally {
            end.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without checks may do
    void aSourceThatReturnsNullOrThrowsAnythingIsAFall() {
        FallbackChain<String, Double> chain = builder()
                .source("null", symbol -> null, SourceGuard.none().breaker(breaker))
                .source("broken", symbol -> {
                    throw new IllegalStateException();
                })
                .source("cache", cache)
                .build();
        put(cache, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(chain.get("AAPL").orElseThrow().source()).isEqualTo("cache");
        }
        assertThat(told)
                .startsWith(
                        "price fell from null: it returned null where it must return a value or an empty Optional",
                        "price fell from broken: java.lang.IllegalStateException");
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void whoIsInterruptedStaysSo() {
        FallbackChain<String, Double> chain = builder()
                .source("feed", symbol -> {
                    throw new InterruptedException();
                })
                .source("cache", cache)
                .build();
        assertThatThrownBy(() -> chain.get("AAPL")).hasMessage("interrupted while feed was asked for price");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void saysEverythingThatIsWrong() {
        assertThatThrownBy(() -> FallbackChain.<String, Double>builder("")
                        .staleAfter(Duration.ZERO)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "name was blank but it must say what is asked for",
                                        "sources were none but there must be at least one",
                                        "staleAfter was 'PT0S' but it must be longer than nothing and at most PT8760H"));
        assertThatThrownBy(() -> builder()
                        .source("feed", feed)
                        .source("feed", cache, SourceGuard.none().maxAge(Duration.ofSeconds(-1)))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "sources were named ['feed', 'feed'] but each must have a name of its own",
                                        "feed.maxAge was 'PT-1S' but it must be longer than nothing and at most PT8760H"));
    }

    private void put(Source source, double price) {
        source.values.put("AAPL", new Dated<>(price, time.epochNanos()));
    }

    private FallbackChainBuilder<String, Double> builder() {
        return FallbackChain.<String, Double>builder("price").time(time).listener(new FallbackListener() {
            @Override
            public void fell(String chain, String source, String why) {
                told.add(chain + " fell from " + source + ": " + why);
            }

            @Override
            public void back(String chain) {
                told.add(chain + " is back");
            }
        });
    }
}
