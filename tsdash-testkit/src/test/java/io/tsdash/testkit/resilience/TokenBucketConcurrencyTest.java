package io.tsdash.testkit.resilience;

import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do together to a bucket, they get answers that one thread could get, one call after another. The clock stands still:
 * a call goes by the time at which it was made, and may be refused by a moment that has passed while it was under way.
 */
@Param(name = "permits", gen = IntGen.class, conf = "1:4")
public class TokenBucketConcurrencyTest {
    private final TokenBucket bucket =
            TokenBucket.startingWith(3, new RateLimit(1, Duration.ofSeconds(1), 4), new ManualTimeSource(0));

    /** Returns the wait. */
    @Operation
    public long tryAcquire(@Param(name = "permits") int permits) {
        return bucket.tryAcquire(permits);
    }

    @Operation
    public boolean acquireWithoutWait(@Param(name = "permits") int permits) throws InterruptedException {
        return bucket.acquire(permits, Duration.ZERO);
    }

    @Operation
    public long remaining() {
        return bucket.remaining();
    }

    @Test
    void isLinearizable() {
        Interleavings.check(TokenBucketConcurrencyTest.class);
    }
}
