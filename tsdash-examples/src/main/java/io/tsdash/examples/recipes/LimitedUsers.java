package io.tsdash.examples.recipes;

import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.time.TimeSource;
import java.time.Duration;

/** So many calls a second for all, and so many a second and a minute for each user. */
public final class LimitedUsers {
    private LimitedUsers() {}

    /** Prints who may pass, and how long the others wait. */
    public static void main(String[] args) throws InterruptedException {
        TokenBucket orders = TokenBucket.of(RateLimit.perSecond(100).withBurst(2));
        if (orders.tryAcquire()) {
            System.out.println("one order goes out");
        }
        boolean inTime = orders.acquire(2, Duration.ofSeconds(1));
        System.out.println("two more within a second: " + inTime);

        TokenBucket slowStart = TokenBucket.startingWith(0, RateLimit.perMinute(1), TimeSource.system());
        System.out.println("nothing at once after a start: " + !slowStart.tryAcquire());

        LocalRateLimiter users = LocalRateLimiter.of(RateLimit.perSecond(10), RateLimit.perMinute(100))
                .keysMax(50_000)
                .build();
        RateDecision decision = users.tryAcquire("ann", 10);
        System.out.println("ann: " + decision.allowed() + ", " + decision.remaining() + " left");
        RateDecision refused = users.tryAcquire("ann", 10);
        System.out.println("ann again: " + refused.allowed() + ", " + (refused.waitNanos() > 0 ? "later" : "now"));
    }
}
