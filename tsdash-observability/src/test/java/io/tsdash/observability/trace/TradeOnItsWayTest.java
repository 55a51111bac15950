package io.tsdash.observability.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.TradeSample;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TradeOnItsWayTest {
    private static final long START = 1_723_161_600_000_000_000L;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RecordedSpans spans = new RecordedSpans();
    private final List<String> shown = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        spans.close();
    }

    @Test
    void aTraceHasEveryStepFromTheFeedToTheFirstSocketAndTheStore() throws InterruptedException {
        run(1, List.of(Trade.of("A", START, 7, 10, 1)));

        SpanData root = spans.named("feed:receive").get(0);
        assertThat(spans.tree(root.getTraceId()))
                .containsExactly(
                        "- > feed:receive",
                        "bus:carry > bars:aggregate",
                        "bus:carry > db:write-trade",
                        "bus:carry > hub:distribute",
                        "feed:receive > bus:carry",
                        "hub:distribute > socket:first-write");
        assertThat(root.getAttributes().get(AttributeKey.stringKey("tsdash.symbol")))
                .isEqualTo("A");
        assertThat(shown).containsExactly("7 " + root.getTraceId());
    }

    @Test
    void eachOfTwoStoresHasItsWriteInTheTrace() throws InterruptedException {
        List<MarketStore> two = List.of(MarketStore.inMemory(), MarketStore.inMemory());
        StoreRoutes both = new StoreRoutes(two, two);
        run(1, List.of(Trade.of("A", START, 7, 10, 1)), both, 2);

        SpanData root = spans.named("feed:receive").get(0);
        assertThat(spans.tree(root.getTraceId()))
                .contains("bus:carry > hub:distribute", "hub:distribute > socket:first-write");
        assertThat(spans.named("db:write-trade"))
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.getTraceId()).isEqualTo(root.getTraceId()));
    }

    @Test
    void theSpanOfABatchIsLinkedToTheTradesInItAndTheirsToTheBatch() throws InterruptedException {
        run(1, List.of(Trade.of("A", START, 1, 10, 1), Trade.of("A", START + 1, 2, 11, 1)));

        List<String> traces =
                spans.named("feed:receive").stream().map(SpanData::getTraceId).toList();
        assertThat(traces).hasSize(2).doesNotHaveDuplicates();
        List<String> linked = spans.named("db:write-batch").stream()
                .flatMap(span -> span.getLinks().stream())
                .map(link -> link.getSpanContext().getTraceId())
                .toList();
        assertThat(linked).containsExactlyInAnyOrderElementsOf(traces);
        List<String> batches =
                spans.named("db:write-batch").stream().map(SpanData::getSpanId).toList();
        assertThat(spans.named("db:write-trade"))
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.getLinks())
                        .extracting(LinkData::getSpanContext)
                        .singleElement()
                        .satisfies(batch -> assertThat(batches).contains(batch.getSpanId())));
    }

    @Test
    void onlyTheShareIsTracedAndTheSameTradesEverywhere() throws InterruptedException {
        List<Trade> trades = LongStream.range(0, 20_000)
                .mapToObj(i -> Trade.of("A", START + i * 1_000_003, i, 10, 1))
                .toList();
        TradeTraces some = new TradeTraces(spans.tracer(), all(0.01), (trade, trace, nanos) -> {}, TimeSource.system());
        TradeTraces more = new TradeTraces(spans.tracer(), all(0.1), (trade, trace, nanos) -> {}, TimeSource.system());
        List<Trade> covered = trades.stream().filter(some::covers).toList();
        assertThat(covered).hasSizeBetween(140, 260);
        assertThat(covered).allMatch(more::covers);

        run(0.01, trades.subList(0, 2_000));
        List<Trade> expected =
                trades.subList(0, 2_000).stream().filter(some::covers).toList();
        assertThat(spans.named("feed:receive"))
                .extracting(span -> span.getAttributes().get(AttributeKey.longKey("tsdash.sequence")))
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map(Trade::sequence).toList());
    }

    @Test
    void noMoreThanSoManyASecondAreTracedAndTheOthersAreCounted() {
        ManualTimeSource time = new ManualTimeSource(START);
        TradeTraces traces = new TradeTraces(spans.tracer(), new TradeSample(1, 10), (trade, trace, nanos) -> {}, time);
        List<Trade> trades = LongStream.range(0, 30)
                .mapToObj(i -> Trade.of("A", START + i, i, 10, 1))
                .toList();
        trades.subList(0, 25).forEach(traces::received);
        assertThat(traces.of(trades))
                .extracting(each -> each.trade().sequence())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(traces.skipped()).isEqualTo(15);

        time.advance(Duration.ofMillis(300));
        trades.subList(25, 30).forEach(traces::received);
        assertThat(traces.of(trades.subList(10, 30)))
                .extracting(each -> each.trade().sequence())
                .containsExactly(25L, 26L, 27L);
        assertThat(traces.skipped()).isEqualTo(17);
    }

    @Test
    void aSampleOutOfItsRangeIsRefusedWithAllThatIsWrong() {
        assertThatThrownBy(() -> new TradeSample(Double.NaN, 0))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("share was 'NaN' but it must be 0 to 1")
                .hasMessageContaining("perSecondMax was '0' but it must be 1 to 1000000");
    }

    @Test
    void theTableIsBoundedAndCountsWhatLeavesItEarly() {
        TradeTraces traces = new TradeTraces(spans.tracer(), all(1), (trade, trace, nanos) -> {}, TimeSource.system());
        for (int i = 0; i < TradeTraces.CAPACITY + 3; i++) {
            traces.received(Trade.of("A", START + i, i, 10, 1));
        }
        assertThat(traces.evicted()).isEqualTo(3);
        assertThat(traces.find(Trade.of("A", START + 2, 2, 10, 1))).isNull();
        assertThat(traces.find(Trade.of("A", START + 3, 3, 10, 1))).isNotNull();
    }

    @Test
    void aSpanLastsAMicrosecondAtLeastSinceBackEndsKnowNoShorterOnes() {
        spans.tracer()
                .begin("short", SpanKind.INTERNAL, TraceContext.NONE, START)
                .end(START);
        spans.tracer()
                .begin("back", SpanKind.INTERNAL, TraceContext.NONE, START)
                .end(START - 5);
        assertThat(spans.all())
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.getEndEpochNanos()).isEqualTo(START + 1_000));
    }

    @Test
    void aTraceparentIsReadAsTheRecommendationHasIt() {
        String text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assertThat(TraceContext.parse(text).traceparent()).isEqualTo(text);
        assertThat(TraceContext.parse(text).sampled()).isTrue();
        assertThat(TraceContext.parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-later")
                        .isPresent())
                .isTrue();
        for (String wrong : List.of(
                "",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "0".repeat(10_000))) {
            assertThat(TraceContext.parse(wrong)).as(wrong).isEqualTo(TraceContext.NONE);
        }
    }

    /** Returns a share, of which all are followed. */
    private static TradeSample all(double share) {
        return new TradeSample(share, TradeSample.PER_SECOND_MOST);
    }

    private void run(double share, List<Trade> trades) throws InterruptedException {
        run(share, trades, StoreRoutes.all(MarketStore.inMemory()), 1);
    }

    /** Runs trades through a pipeline with a client that watches them. */
    private void run(double share, List<Trade> trades, StoreRoutes routes, int writes) throws InterruptedException {
        TimeSource time = TimeSource.system();
        TradeTraces traces = new TradeTraces(
                spans.tracer(),
                all(share),
                (trade, trace, nanos) -> shown.add(trade.sequence() + " " + trace.traceId()),
                time);
        Hub hub = Hub.builder().time(time).build();
        MarketChannels channels = MarketChannels.builder(hub).traces(traces).build();
        hub.start();
        hub.open(new Client(), new EmptyMessages(), Set.of("prices"))
                .accept(new SubscribeCommand(1, List.of("prices:*"), 0, Map.of(), ""));
        EventBus bus = EventBus.inProcess(BusOptions.partitions(1), new RecordingBusListener(), time);
        MarketPipeline pipeline = new MarketPipeline(
                new PipelineConfig(
                        List.of(Interval.parse("1s")),
                        Duration.ofSeconds(5),
                        Duration.ofDays(20_000),
                        StoreSettings.retryFor(Duration.ofSeconds(1)),
                        Optional.empty(),
                        Optional.empty()),
                new ListFeed(trades),
                bus,
                routes,
                channels,
                time,
                new QuietPipelineListener(),
                traces);
        pipeline.start();
        int expected = (int) trades.stream().filter(traces::covers).count();
        await(() -> shown.size() == expected && spans.named("db:write-trade").size() == expected * writes);
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        pipeline.close();
        hub.close();
    }

    private static void await(BooleanSupplier holds) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it takes too long").isLessThan(until);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
