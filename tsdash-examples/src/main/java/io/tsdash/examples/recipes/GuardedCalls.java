package io.tsdash.examples.recipes;

import io.tsdash.error.TransientException;
import io.tsdash.resilience.BackOff;
import io.tsdash.resilience.Bulkhead;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.CircuitBreakerListener;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.Retry;
import io.tsdash.resilience.RetryBudget;
import io.tsdash.resilience.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Guards around a call, from the outside in: retry, breaker, bulkhead, time limit. */
public final class GuardedCalls {
    private GuardedCalls() {}

    /** Prints what a call gives that fails once, and what becomes of one that always fails. */
    public static void main(String[] args) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        CircuitBreakerListener listener = new CircuitBreakerListener() {
            @Override
            public void changed(String name, CircuitBreaker.State from, CircuitBreaker.State to) {
                System.out.println(name + " is " + to);
            }
        };

        CircuitBreaker breaker = CircuitBreaker.builder("quotes")
                .timeWindow(Duration.ofSeconds(10), 4, 0.5)
                .slowCalls(Duration.ofSeconds(1), 0.8)
                .pause(Duration.ofSeconds(1), Duration.ofSeconds(30))
                .spread(0.2)
                .probes(2)
                .listener(listener)
                .build();

        Retry retry = Retry.builder("quotes")
                .attempts(3)
                .backOff(new BackOff(Duration.ofMillis(5), Duration.ofMillis(20)))
                .deadline(Duration.ofSeconds(5))
                .budget(new RetryBudget(100, 0.1))
                .build();

        Bulkhead bulkhead = new Bulkhead("quotes", 10, 20, Duration.ofMillis(200), GuardListener.none());
        TimeLimiter limit = new TimeLimiter("quotes", Duration.ofSeconds(2), 20, threads, GuardListener.none());

        AtomicInteger calls = new AtomicInteger();
        Callable<String> quote = () -> {
            if (calls.incrementAndGet() == 1) {
                throw new TransientException("connection reset");
            }
            return "150.25 / 150.5";
        };
        String answer = retry.call(() -> breaker.call(() -> bulkhead.call(() -> limit.call(quote))));

        System.out.println(answer);
        for (int i = 0; i < 4; i++) {
            try {
                breaker.get(() -> {
                    throw new IllegalStateException("away");
                });
            } catch (CallRefusedException e) {
                System.out.println("not even tried");
            } catch (IllegalStateException e) {
                System.out.println("it failed");
            }
        }
        threads.shutdown();
    }
}
