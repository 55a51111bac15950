package io.tsdash.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BarStageTest {
    private static final long NOON = 1_723_118_400_000_000_000L;
    private static final List<Interval> MINUTES = List.of(Interval.parse("1m"));

    private final List<String> told = new ArrayList<>();
    private final ManualTimeSource time = new ManualTimeSource(NOON);

    @Test
    void tellsOfOneBatchAMillisecondOfEachPartitionWithItsOldestEvent() {
        try (Hub hub = Hub.builder().time(time).build()) {
            BarStage stage = stage(hub);
            stage.open();
            stage.onBatch(0, List.of(trade(2), trade(1), trade(3)));
            stage.onBatch(0, List.of(trade(4)));
            stage.onBatch(1, List.of(trade(5)));
            assertThat(told).containsExactly("partition 0: 1", "partition 1: 5");

            time.advance(Duration.ofMillis(1));
            stage.onBatch(0, List.of(trade(7), trade(6)));
            assertThat(told).containsExactly("partition 0: 1", "partition 1: 5", "partition 0: 6");
        }
    }

    private BarStage stage(Hub hub) {
        PipelineConfig config = new PipelineConfig(
                MINUTES,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                StoreSettings.retryFor(Duration.ZERO),
                Optional.empty(),
                Optional.empty());
        MarketChannels channels = MarketChannels.builder(hub).intervals(MINUTES).build();
        return new BarStage(
                "feed",
                2,
                config,
                channels,
                List.of(),
                new FarAhead(Duration.ofSeconds(10)),
                time,
                new Told(),
                TradeTraces.none(),
                "in-process");
    }

    private static Trade trade(long number) {
        return Trade.of("A", NOON + number, number, 10, 1);
    }

    private final class Told extends QuietPipelineListener {
        @Override
        public void onBatch(int partition, MarketEvent oldest) {
            told.add("partition " + partition + ": " + oldest.sequence());
        }
    }
}
