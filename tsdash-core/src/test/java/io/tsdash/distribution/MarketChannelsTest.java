package io.tsdash.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarketChannelsTest {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final List<String> refused = new ArrayList<>();
    private final Hub hub = Hub.builder()
            .listener(new HubListener() {
                @Override
                public void conflated(String session, long updates) {}

                @Override
                public void skipped(String session, long queuedBytes) {}

                @Override
                public void closed(String session, WireCode code, String text) {}

                @Override
                public void refused(String channel, String why) {
                    refused.add(channel + " " + why);
                }
            })
            .build();
    private final MarketChannels market = MarketChannels.builder(hub)
            .intervals(List.of(MINUTE))
            .barsKept(3)
            .tradesKept(16)
            .build();

    @Test
    void olderQuoteDoesNotReplaceANewerOne() throws InterruptedException {
        events(quote(2, 20), quote(1, 10));
        assertThat(price().getDouble(2)).isEqualTo(20);
        assertThat(price().getLong(1)).isEqualTo(2);
    }

    @Test
    void duplicateTradeIsNotLoggedTwice() throws InterruptedException {
        Trade trade = Trade.of("A", 1, 1, 5, 1);
        events(trade, trade);
        assertThat(find("trades:A").sequence()).isEqualTo(1);
        assertThat(price().getDouble(9)).isEqualTo(1);
    }

    @Test
    void cancelledTradeLeavesTheRow() throws InterruptedException {
        events(Trade.of("A", 1, 1, 5, 1), Trade.of("A", 2, 2, 6, 1), Trade.cancel("A", 2, 2, 3));
        assertThat(price().getDouble(6)).isEqualTo(5);
        assertThat(price().getDouble(9)).isEqualTo(1);
        assertThat(find("trades:A").sequence())
                .as("the cancel is a row of the log")
                .isEqualTo(3);
    }

    @Test
    void tradeOlderThanTheTapeIsTold() throws InterruptedException {
        for (int i = 10; i < 40; i++) {
            events(Trade.of("A", i, i, 5, 1));
        }
        events(Trade.of("A", 1, 1, 5, 1));
        assertThat(refused).singleElement().asString().contains("trades:A").contains("newest 16");
    }

    @Test
    void newestBarsAreKeptAndAnOlderOneIsTold() throws InterruptedException {
        for (int minute = 1; minute <= 5; minute++) {
            market.bars(List.of(bar(minute, 0)));
        }
        market.bars(List.of(bar(1, 1)));
        work();
        StateChannel bars = (StateChannel) find("bars:1m:A");
        assertThat(bars.size()).isEqualTo(3);
        assertThat(bars.firstKey()).contains(3 * MINUTE_NANOS);
        assertThat(refused).singleElement().asString().contains("bars:1m:A").contains("newest 3");
    }

    @Test
    void lowerRevisionDoesNotReplaceAHigherOne() throws InterruptedException {
        market.bars(List.of(bar(1, 2), bar(1, 1)));
        work();
        RecordBuffer row = ((StateChannel) find("bars:1m:A")).find(MINUTE_NANOS).orElseThrow();
        assertThat(row.getLong(9)).isEqualTo(2);
    }

    @Test
    void symbolThatComesWhileItsFeedIsStaleIsMarked() throws InterruptedException {
        market.status(PartStatus.of("feed", PartState.DOWN, 1, "gone"));
        events(Trade.of("A", 1, 1, 5, 1));
        assertThat(price().getBoolean(11)).isTrue();
        market.status(PartStatus.of("feed", PartState.LIVE, 2, ""));
        work();
        assertThat(price().getBoolean(11)).isFalse();
    }

    @Test
    void declaredSymbolCanBeSubscribedToBeforeItsFirstEvent() throws InterruptedException {
        market.declare("feed", List.of("LATER"));
        work();
        assertThat(find("prices:LATER").sequence()).isPositive();
        assertThat(find("trades:LATER").sequence()).isZero();
    }

    @Test
    void badLimitsAreNamed() {
        assertThatThrownBy(() ->
                        MarketChannels.builder(hub).barsKept(0).tradesKept(100).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("barsKept was '0'")
                .hasMessageContaining("tradesKept was '100'");
    }

    private void events(MarketEvent... events) throws InterruptedException {
        market.events("feed", List.of(events));
        work();
    }

    private void work() {
        while (hub.doWork() > 0) {
            // Until nothing is left to do.
        }
    }

    private Channel find(String channel) {
        return hub.channels().find(channel).orElseThrow();
    }

    private RecordBuffer price() {
        return ((StateChannel) find("prices:A")).find("A").orElseThrow();
    }

    private static Quote quote(long time, double bid) {
        return new Quote("A", time, time, 0, bid, bid + 1, 1, 1);
    }

    private static Bar bar(long minute, int revision) {
        long open = minute * MINUTE_NANOS;
        return new Bar(
                "A", MINUTE, open, open + MINUTE_NANOS, 1, 1, 1, 1, 1, 1, 1, open, open, revision, BarState.CLOSED);
    }
}
