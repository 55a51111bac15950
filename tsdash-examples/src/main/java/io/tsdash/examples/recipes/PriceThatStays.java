package io.tsdash.examples.recipes;

import io.tsdash.resilience.Answer;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.Dated;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.resilience.FallbackSource;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.SourceGuard;
import io.tsdash.resilience.TimeLimiter;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** The price from the feed, else from the cache, else from the store, with where it came from and whether it is stale. */
public final class PriceThatStays {
    private PriceThatStays() {}

    /** Prints the price while the feed is there, while it is away, and when it is back. */
    public static void main(String[] args) {
        AtomicBoolean away = new AtomicBoolean();
        FallbackSource<String, Double> feed = symbol -> {
            if (away.get()) {
                throw new IOException("the feed is away");
            }
            return now(150.5);
        };
        FallbackSource<String, Double> cache = symbol -> now(150.25);
        FallbackSource<String, Double> store = symbol -> Optional.empty();
        ExecutorService threads = Executors.newCachedThreadPool();

        CircuitBreaker feedBreaker = CircuitBreaker.builder("feed").build();
        TimeLimiter storeLimit = new TimeLimiter("store", Duration.ofMillis(500), 8, threads, GuardListener.none());
        FallbackChain<String, Double> prices = FallbackChain.<String, Double>builder("price")
                .source("feed", feed, SourceGuard.none().breaker(feedBreaker))
                .source("cache", cache, SourceGuard.none().maxAge(Duration.ofMinutes(5)))
                .source("store", store, SourceGuard.none().timeLimiter(storeLimit))
                .build();

        print(prices.get("AAPL"));
        away.set(true);
        print(prices.get("AAPL"));
        away.set(false);
        print(prices.get("AAPL"));
        threads.shutdown();
    }

    private static Optional<Dated<Double>> now(double price) {
        return Optional.of(new Dated<>(price, TimeSource.system().epochNanos()));
    }

    private static void print(Optional<Answer<Double>> answer) {
        answer.ifPresent(price ->
                System.out.println(price.value() + " from " + price.source() + (price.stale() ? ", stale" : "")));
    }
}
