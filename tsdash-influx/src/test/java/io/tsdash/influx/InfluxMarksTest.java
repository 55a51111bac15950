package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What writers leave behind for those who come after, on a real InfluxDB 1.x. */
@Timeout(60)
final class InfluxMarksTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final BarRange DAYS = BarRange.of("A", Interval.parse("1d"), 0, Long.MAX_VALUE, 10);

    private final String database = TestServers.newDatabase();
    private final ManualTimeSource time =
            new ManualTimeSource(TimeSource.system().epochNanos());

    @Test
    void barsOfAWriterThatIsGoneAreMadeAndItsMarksAreDroppedOnceItMustBeDead() {
        try (MarketStore gone = open()) {
            gone.appendTrades(List.of(Trade.of("A", T0, 1, 5, 5)));
        }
        assertThat(marks()).isEqualTo(1);
        try (MarketStore next = open()) {
            next.refreshBars();
            assertThat(next.precomputedBars(DAYS)).hasSize(1).isEqualTo(next.barsOnDemand(DAYS));
            assertThat(marks()).as("it may live, and rely on its mark").isEqualTo(1);
            time.advance(Duration.ofMinutes(11));
            next.refreshBars();
            assertThat(marks()).isZero();
        }
    }

    @Test
    void aWriterMarksAgainAfterARefreshAndDropsItsOwnMarksAtOnce() {
        try (MarketStore store = open()) {
            store.appendTrades(List.of(Trade.of("A", T0, 1, 5, 5)));
            store.appendTrades(List.of(Trade.of("A", T0 + 1_000_000, 2, 6, 5)));
            assertThat(marks()).isEqualTo(1);
            store.refreshBars();
            assertThat(marks()).isZero();
            store.appendTrades(List.of(Trade.of("A", T0 + 2_000_000, 3, 7, 5)));
            assertThat(marks()).isEqualTo(1);
            store.refreshBars();
            assertThat(store.precomputedBars(DAYS)).extracting(Bar::tradeCount).containsExactly(3L);
            assertThat(marks()).isZero();
        }
    }

    @Test
    void aRefreshThatFailedIsMadeUpFor() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", TestServers.shared().port());
                MarketStore store = open(URI.create("http://127.0.0.1:" + proxy.port()))) {
            store.appendTrades(List.of(Trade.of("A", T0, 1, 5, 5)));
            proxy.refuse();
            assertThatThrownBy(store::refreshBars).isInstanceOf(TransientException.class);
            proxy.heal();
            assertThat(store.precomputedBars(DAYS)).isEmpty();
            store.refreshBars();
            assertThat(store.precomputedBars(DAYS)).hasSize(1);
            assertThat(marks()).isZero();
        }
    }

    @Test
    void aBarWhoseTradesWereDeletedIsNotMadeSmallerByALateOne() {
        try (MarketStore store = open()) {
            store.appendTrades(List.of(Trade.of("A", T0, 1, 5, 5), Trade.of("A", T0 + 1_000_000, 2, 6, 5)));
            assertThat(store.deleteTradesBefore(T0 + 2_000_000)).isEqualTo(2);
            store.appendTrades(List.of(Trade.of("A", T0 + 500, 3, 9, 9)));
            store.refreshBars();
            assertThat(store.precomputedBars(DAYS)).extracting(Bar::tradeCount).containsExactly(2L);
        }
        try (MarketStore again = open()) {
            again.appendTrades(List.of(Trade.of("A", T0 + 700, 4, 9, 9)));
            again.refreshBars();
            assertThat(again.precomputedBars(DAYS)).extracting(Bar::high).containsExactly(9.0);
        }
    }

    @Test
    void isFoundByNameAndReportsAllThatIsWrongWithItsOptions() {
        String address = TestServers.shared().address() + "/" + database;
        try (MarketStore store = Stores.open("influx", address, Map.of("gzip", "true"), time)) {
            store.appendTrades(List.of(Trade.of("A", T0, 1, 5, 5)));
            assertThat(store.tradeCount()).isEqualTo(1);
        }
        assertThat(Stores.plan("influx", address, Map.of())).isEmpty();
        assertThatThrownBy(() -> Stores.open(
                        "influx",
                        "ftp://somewhere/x",
                        Map.of("generation", "4", "requestTimeout", "0", "shards", "7"),
                        time))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .anyMatch(problem -> problem.contains("generation was '4'"))
                                .anyMatch(problem -> problem.contains("address was 'ftp://somewhere'"))
                                .anyMatch(problem -> problem.contains("requestTimeout was 'PT0S'"))
                                .anyMatch(problem -> problem.contains("no option 'shards'")));
    }

    private MarketStore open() {
        return open(TestServers.shared().address());
    }

    private MarketStore open(URI address) {
        return InfluxMarketStore.open(
                InfluxOptions.at(address)
                        .database(database)
                        .refreshEvery(Duration.ZERO)
                        .build(),
                time);
    }

    private long marks() {
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(database)
                .build();
        InfluxDialect dialect = InfluxDialect.of(InfluxGeneration.V1, options);
        return new InfluxConnection(options, new InfluxHttp(options), dialect)
                .rows("SELECT \"at\" FROM " + dialect.from(InfluxDialect.Policy.TRADES, DirtyBuckets.MEASUREMENT))
                .rows()
                .size();
    }
}
