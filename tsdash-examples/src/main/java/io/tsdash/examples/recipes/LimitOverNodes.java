package io.tsdash.examples.recipes;

import io.tsdash.redis.RedisConnection;
import io.tsdash.redis.RedisListener;
import io.tsdash.redis.RedisOptions;
import io.tsdash.redis.RedisRateLimiter;
import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.resilience.RateLimit;
import java.util.List;

/** Limits what each user may do over all nodes; without Redis each of two nodes lets half of it pass. */
public final class LimitOverNodes {
    private LimitOverNodes() {}

    /** Asks seven times for one of five orders a minute; the only argument is the address of a Redis. */
    public static void main(String[] args) {
        try (RedisConnection redis =
                RedisConnection.open(RedisOptions.at(args[0]).build(), RedisListener.NONE)) {
            KeyedRateLimiter orders = RedisRateLimiter.on(
                            redis, "tsdash:orders:", List.of(RateLimit.perSecond(100), RateLimit.perMinute(5)))
                    .localShareOf(2)
                    .build();
            int passed = 0;
            for (int i = 0; i < 7; i++) {
                passed += orders.tryAcquire("ann", 1).allowed() ? 1 : 0;
            }
            System.out.println(passed + " of 7 passed");
        }
    }
}
