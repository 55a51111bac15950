package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.MarketSchemas;
import io.tsdash.distribution.StateChannel;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A feed that is live, and a consumer that hands on nothing of it. */
@Timeout(60)
class HungConsumerTest {
    private static final long NOON = 1_723_118_400_000_000_000L;
    private static final int STALE = MarketSchemas.PRICE.size() - 1;
    private static final List<Interval> MINUTES = List.of(Interval.parse("1m"));

    private final ManualTimeSource time = new ManualTimeSource(NOON);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private final HeldFeed feed = new HeldFeed();

    @Test
    void pricesAreStaleWhileTheirConsumerHangsOrHasStopped() throws InterruptedException {
        try (Hub hub = Hub.builder().build()) {
            hub.start();
            EventBus bus = EventBus.inProcess(BusOptions.partitions(1), new RecordingBusListener(), time);
            MarketPipeline pipeline = pipeline(bus, hub);
            pipeline.start();
            FeedListener live = Objects.requireNonNull(feed.listener);
            live.onState(ConnectionState.LIVE, "");
            live.onTrade(Trade.of("A", NOON, 1, 10, 1));
            await(() -> isStale(hub).equals(Optional.of(false)));
            assertThat(pipeline.busProblem()).isEmpty();

            time.advance(Duration.ofSeconds(1));
            live.onTrade(Trade.of("HANGS", NOON + 1, 1, 10, 1));
            await(() -> pipeline.waiting().getOrDefault("bars", Map.of()).getOrDefault(0, 0L) == 1);
            await(() -> {
                time.advance(Duration.ofSeconds(1));
                return isStale(hub).equals(Optional.of(true));
            });
            assertThat(pipeline.busProblem()).startsWith("events wait on the bus, and for ");
            assertThat(pipeline.feedProblem()).startsWith("feed held is LIVE: events wait on the bus, and for ");

            goesOn.countDown();
            await(() -> isStale(hub).equals(Optional.of(false)));
            assertThat(pipeline.busProblem()).isEmpty();
            assertThat(pipeline.feedProblem()).isEmpty();

            bus.close();
            await(() -> isStale(hub).equals(Optional.of(true)));
            assertThat(pipeline.busProblem()).isEqualTo("consumer bars has stopped, and stays so until a restart");
            pipeline.close();
            assertThat(pipeline.busProblem()).as("it was asked to").isEmpty();
        }
    }

    private MarketPipeline pipeline(EventBus bus, Hub hub) {
        PipelineConfig config = new PipelineConfig(
                MINUTES,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                StoreSettings.retryFor(Duration.ZERO),
                Optional.empty(),
                Optional.empty());
        MarketChannels channels = MarketChannels.builder(hub).intervals(MINUTES).build();
        return new MarketPipeline(config, feed, bus, MarketStore.inMemory(), channels, time, new Hanging());
    }

    private static Optional<Boolean> isStale(Hub hub) {
        try {
            return hub.call(channels -> channels.find("prices:A")
                    .flatMap(channel -> ((StateChannel) channel).find("A"))
                    .map(row -> row.getBoolean(STALE)));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i == 2_000) {
                fail("not within 20 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private final class Hanging extends QuietPipelineListener {
        @Override
        public void onBatch(int partition, MarketEvent oldest) {
            if (oldest.symbol().equals("HANGS")) {
                try {
                    goesOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static final class HeldFeed implements Feed {
        volatile @Nullable FeedListener listener;

        @Override
        public String name() {
            return "held";
        }

        @Override
        public void start(FeedListener value) {
            listener = value;
        }

        @Override
        public void close() {}
    }
}
