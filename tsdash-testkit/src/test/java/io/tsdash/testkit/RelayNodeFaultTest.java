package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.NewsItem;
import io.tsdash.relay.RelayLog;
import io.tsdash.relay.RelayNode;
import io.tsdash.relay.RelaySettings;
import io.tsdash.time.TimeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log whose answers make no sense for a while, as behind a wire that spoils them. */
@Timeout(60)
class RelayNodeFaultTest {
    private static final Duration LEASE = Duration.ofMillis(500);

    private final RelayLog sound = RelayLog.inMemory(LEASE, 5_000, TimeSource.system());
    private final Set<String> askedInVain = ConcurrentHashMap.newKeySet();
    private volatile boolean spoilt;

    @Test
    void eachOfItsThreadsGoesOnOnceAnswersMakeSenseAgain() throws Exception {
        AtomicReference<MarketChannels> leader = new AtomicReference<>();
        try (Hub hub = Hub.builder().copies().build()) {
            hub.start();
            RelayNode node = new RelayNode(
                    spoiltAtTimes(),
                    hub,
                    () -> {
                        Hub source = Hub.builder().build();
                        source.start();
                        return source;
                    },
                    (source, since) -> {
                        leader.set(MarketChannels.builder(source).build());
                        return () -> {};
                    },
                    RelaySettings.of("a", LEASE),
                    TimeSource.system(),
                    new QuietRelayListener());
            node.start();
            await(() -> node.status().leader());
            channels(leader).news(new NewsItem(1, "before", "", List.of()));
            await(() -> rows(hub) == 1);

            spoilt = true;
            channels(leader).news(new NewsItem(2, "meanwhile", "", List.of()));
            await(() -> askedInVain.containsAll(Set.of("read", "renew", "append")));
            await(() -> node.status().problem().contains("makes no sense"));
            assertThat(rows(hub)).isEqualTo(1);

            spoilt = false;
            await(() -> rows(hub) == 2);
            await(() -> node.status().problem().isEmpty());
            channels(leader).news(new NewsItem(3, "after", "", List.of()));
            await(() -> rows(hub) == 3);
            node.close();
        }
    }

    private static MarketChannels channels(AtomicReference<MarketChannels> leader) {
        return Objects.requireNonNull(leader.get());
    }

    private RelayLog spoiltAtTimes() {
        return (RelayLog) Proxy.newProxyInstance(
                RelayLog.class.getClassLoader(), new Class<?>[] {RelayLog.class}, (proxy, method, arguments) -> {
                    if (spoilt) {
                        askedInVain.add(method.getName());
                        throw new ClassCastException("an answer that makes no sense");
                    }
                    try {
                        return method.invoke(sound, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static long rows(Hub hub) {
        try {
            return hub.call(channels ->
                    channels.find("news").map(channel -> channel.sequence()).orElse(0L));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long giveUpNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(giveUpNanos);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
