package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.CacheEntry;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@link CacheContract}, and those of a cache whose entries are with servers: all that it says to them goes through
 * proxies, which are slow, silent or gone.
 */
public abstract class RemoteCacheContract extends CacheContract {
    private static final Duration WIRE_DELAY = Duration.ofMillis(100);
    private static final int TRIPS_MAX = 5;

    /** What a call may take beyond its timeout, on a machine that does other things too. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** For subclasses. */
    protected RemoteCacheContract() {}

    /** Returns the proxies between the cache of {@link #newCache} and its servers, one for each server. */
    protected abstract List<FaultProxy> wires();

    /** Returns the timeout that the cache was given, of 300 ms or more. */
    protected abstract Duration timeout();

    @AfterEach
    void heal() {
        all(FaultProxy::heal);
    }

    /** Three calls of 200 keys. Two trips for each, as one after another to the servers of a cluster would be, are too many. */
    @Test
    @DisplayName("C4 several keys take one round trip")
    void takesOneRoundTrip() {
        Map<String, CacheEntry<String>> entries = new HashMap<>();
        IntStream.range(0, 200).forEach(i -> entries.put("k" + i, entry("v" + i)));
        cache().putAll(entries);
        all(wire -> wire.delay(WIRE_DELAY));
        long startNanos = TimeSource.system().monotonicNanos();
        cache().putAll(entries);
        assertThat(cache().getAll(entries.keySet())).hasSize(200);
        cache().removeAll(entries.keySet());
        long trips = (TimeSource.system().monotonicNanos() - startNanos) / WIRE_DELAY.toNanos();
        // A local tier answers one of the three; less than two would be a cache that goes another way.
        assertThat(trips).as("delays that three calls took").isBetween(2L, (long) TRIPS_MAX);
    }

    @Test
    @DisplayName("C10 while its server is silent or gone calls fail in time, and it works again afterwards")
    void failsInTimeWhileItsServerIsAway() {
        cache().put("k", entry("v"));
        for (Consumer<FaultProxy> fault : List.<Consumer<FaultProxy>>of(FaultProxy::beSilent, FaultProxy::refuse)) {
            all(fault);
            List<Runnable> calls = List.of(
                    () -> cache().get("other"),
                    () -> cache().put("k", entry("w")),
                    () -> cache().remove("k"),
                    () -> cache().getAll(List.of("k1", "k2", "k3")),
                    () -> cache().putAll(Map.of("k1", entry("w"), "k2", entry("w"))),
                    () -> cache().removeAll(List.of("k1", "k2")));
            for (Runnable call : calls) {
                long startNanos = TimeSource.system().monotonicNanos();
                assertThatThrownBy(call::run).isInstanceOf(TransientException.class);
                assertThat(Duration.ofNanos(TimeSource.system().monotonicNanos() - startNanos))
                        .isLessThan(timeout().plus(GRACE));
            }
            all(FaultProxy::refuse); // so that connections which saw silence are made anew
            all(FaultProxy::heal);
            awaitBack();
        }
    }

    private void all(Consumer<FaultProxy> change) {
        wires().forEach(change);
    }

    private void awaitBack() {
        long giveUpNanos = TimeSource.system().monotonicNanos() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                cache().put("k", entry("back"));
                assertThat(value("k")).contains("back");
                return;
            } catch (TransientException e) {
                if (TimeSource.system().monotonicNanos() > giveUpNanos) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }
}
