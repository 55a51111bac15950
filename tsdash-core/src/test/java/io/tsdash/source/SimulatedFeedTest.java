package io.tsdash.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.time.ManualTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SimulatedFeedTest {
    private static final long START = Instant.parse("2026-03-02T15:00:00.25Z").getEpochSecond() * 1_000_000_000L;

    @Test
    void givesTheSameEventsForTheSameSeed() throws Exception {
        SimulatorConfig config = disturbed().eventsMax(20_000).speed(0).build();

        List<MarketEvent> one = delivered(config);
        List<MarketEvent> two = delivered(config);
        List<MarketEvent> other =
                delivered(disturbed().eventsMax(20_000).speed(0).seed(2).build());

        assertThat(one).hasSize(20_000).isEqualTo(two).isNotEqualTo(other);
    }

    @Test
    void tradesTheTestSymbolOnceASecondInASaw() {
        List<Trade> trades = trades(generated(disturbed().build(), 150_000)).stream()
                .filter(trade -> trade.symbol().equals("TEST"))
                .toList();

        assertThat(trades).hasSizeGreaterThan(60);
        for (int i = 0; i < trades.size(); i++) {
            Trade trade = trades.get(i);
            assertThat(trade.eventTimeNanos() % 1_000_000_000L).isZero();
            assertThat(trade.eventTimeNanos()).isEqualTo(trades.get(0).eventTimeNanos() + i * 1_000_000_000L);
            assertThat(trade.price()).isEqualTo((double) (100 + trade.eventTimeNanos() / 1_000_000_000L % 60));
        }
    }

    @Test
    void keepsWithinTheLatenessAndNeverReceivesBackwards() {
        SimulatorConfig config = disturbed().build();
        long received = 0;
        long late = 0;
        for (MarketEvent event : generated(config, 100_000)) {
            assertThat(event.receiveTimeNanos()).isGreaterThanOrEqualTo(received);
            received = event.receiveTimeNanos();
            long delay = event.receiveTimeNanos() - event.eventTimeNanos();
            assertThat(delay).isBetween(0L, config.latenessMax().toNanos());
            late += delay > 200_000_000L ? 1 : 0;
        }
        assertThat(late).isGreaterThan(1_000);
    }

    @Test
    void disturbsByTheSharesItWasGiven() {
        List<Trade> trades = trades(generated(disturbed().quoteShare(0).build(), 100_000));
        Map<String, Integer> seen = new HashMap<>();
        for (Trade trade : trades) {
            seen.merge(trade.symbol() + trade.sequence() + "/" + trade.version(), 1, Integer::sum);
        }

        assertThat(trades.stream().filter(Trade::cancelled).count()).isBetween(800L, 1_200L);
        assertThat(trades.stream().filter(trade -> trade.version() == 1).count())
                .isBetween(1_700L, 2_300L);
        assertThat(seen.values().stream().filter(count -> count == 2).count()).isBetween(4_300L, 5_300L);
    }

    @Test
    void looksLikeAMarket() {
        SimulatorConfig config = SimulatorConfig.builder().symbols(300).build();
        Set<String> symbols = new HashSet<>();
        Map<String, List<Double>> prices = new HashMap<>();
        for (MarketEvent event : generated(config, 300_000)) {
            symbols.add(event.symbol());
            if (event instanceof Quote quote) {
                assertThat(quote.bid()).isPositive().isLessThan(quote.ask());
            } else if (event instanceof Trade trade) {
                assertThat(new BigDecimal(Double.toString(trade.price())).scale())
                        .isLessThanOrEqualTo(5);
                assertThat(trade.volume()).isPositive();
                prices.computeIfAbsent(trade.symbol(), symbol -> new ArrayList<>())
                        .add(trade.price());
            }
        }

        assertThat(symbols).hasSizeBetween(290, 301).contains("AAPL", "BTC-USD", "EURUSD", "TEST");
        List<Double> busy = prices.getOrDefault("AAPL", List.of());
        assertThat(busy).hasSizeGreaterThan(2_000);
        assertThat(busy.stream().distinct().count()).isGreaterThan(10);
        assertThat(prices.values().stream().filter(list -> list.size() < 20).count())
                .as("quiet symbols")
                .isGreaterThan(10);
        prices.forEach((symbol, list) -> assertThat(
                        list.stream().mapToDouble(d -> d).max().orElseThrow())
                .as(symbol)
                .isLessThan(2.5 * list.stream().mapToDouble(d -> d).min().orElseThrow()));
    }

    @Test
    void closesSharesOutsideOfTheirSession() {
        SimulatorConfig config = SimulatorConfig.builder().sessions(true).build();
        MarketSimulator night = new MarketSimulator(
                config, Instant.parse("2026-03-02T03:00:00Z").getEpochSecond() * 1_000_000_000L);
        Set<String> symbols = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            symbols.add(night.next().symbol());
        }
        assertThat(symbols).contains("BTC-USD", "EURUSD", "TEST").doesNotContain("AAPL", "MSFT");
    }

    @Test
    void keepsPaceWithTheClock() throws Exception {
        ManualTime time = new ManualTime(START);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch tooMany = new CountDownLatch(300);
        RecordingListener listener = new RecordingListener();
        FeedListener counting = new ForwardingListener(listener, () -> {
            first.countDown();
            tooMany.countDown();
        });
        try (SimulatedFeed feed =
                new SimulatedFeed(SimulatorConfig.builder().eventsMax(500).build(), time)) {
            feed.start(counting);
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
            time.elapsed(Duration.ofMillis(100));
            assertThat(tooMany.await(50, TimeUnit.MILLISECONDS))
                    .as("1,000 events a second")
                    .isFalse();
            time.elapsed(Duration.ofMinutes(1));
            listener.awaitEnd();
        }
        assertThat(listener.states).last().isEqualTo("ENDED delivered 500 events");
    }

    private static SimulatorConfig.Builder disturbed() {
        return SimulatorConfig.builder()
                .lateShare(0.05)
                .outOfOrderShare(0.1)
                .duplicateShare(0.05)
                .correctionShare(0.02)
                .cancelShare(0.01);
    }

    private static List<MarketEvent> generated(SimulatorConfig config, int count) {
        MarketSimulator simulator = new MarketSimulator(config, START);
        List<MarketEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(simulator.next());
        }
        return events;
    }

    private static List<Trade> trades(List<MarketEvent> events) {
        return events.stream()
                .filter(Trade.class::isInstance)
                .map(Trade.class::cast)
                .collect(Collectors.toList());
    }

    private static List<MarketEvent> delivered(SimulatorConfig config) throws InterruptedException {
        RecordingListener listener = new RecordingListener();
        try (SimulatedFeed feed = new SimulatedFeed(config, new ManualTime(START))) {
            feed.start(listener);
            listener.awaitEnd();
        }
        return listener.events;
    }
}
