package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.error.TransientException;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ClickHouseClusterTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final Interval HOUR = Interval.parse("1h");
    private static final int SYMBOLS = 20;

    private final String database = TestServer.newDatabase();
    private final List<ClickHouseServer> shards = TestServer.cluster();

    @AfterEach
    void drop() {
        shards.forEach(shard -> shard.execute("DROP DATABASE IF EXISTS " + database + " SYNC"));
    }

    @Test
    void spreadsSymbolsOverTheShards() {
        try (MarketStore store = open(options().build())) {
            List<Trade> trades = trades(0, 2_000);
            assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(2_000, 0, 0));

            assertThat(store.capabilities().sharded()).isTrue();
            assertThat(store.tradeCount()).isEqualTo(2_000);
            assertThat(store.symbols()).hasSize(SYMBOLS);
            long first = symbolsOn(shards.get(0), "trades_local");
            long second = symbolsOn(shards.get(1), "trades_local");
            assertThat(first).isPositive();
            assertThat(second).isPositive();
            assertThat(first + second).isEqualTo(SYMBOLS);
            // Bars lie where their trades do.
            assertThat(symbolsOn(shards.get(0), "bars_1d_local")).isEqualTo(first);
            assertThat(symbolsOn(shards.get(1), "bars_1d_local")).isEqualTo(second);
        }
    }

    @Test
    void opensAnEmptyClusterFromSeveralNodesAtOnce() throws Exception {
        OpenedAtOnce.check(node -> TestServer.options(
                        shards.get(node % shards.size()).port(), database)
                .cluster("tsdash")
                .nodes(shards.stream().map(ClickHouseServer::url).toList())
                .writer("node" + node)
                .build());
    }

    @Test
    void changesOnEachShardAfterWhichAgeTradesAreDropped() {
        ClickHouseOptions forEver = options().build();
        ClickHouseOptions aDay = options().keepTrades(Duration.ofDays(1)).build();
        open(forEver).close();
        assertThat(ClickHouseMarketStore.plan(aDay)).hasSize(2).allMatch(statement -> statement.contains("MODIFY TTL"));
        open(aDay).close();
        assertThat(ClickHouseMarketStore.plan(aDay)).isEmpty();
        open(forEver).close();
        assertThat(ClickHouseMarketStore.plan(forEver)).isEmpty();
        assertThat(shards.get(0)
                        .execute("SELECT count() > 0 FROM " + database
                                + ".tsdash_retention WHERE kept = 'trades' AND since <= now64(9) - INTERVAL 1 DAY"))
                .isEqualTo("1");
    }

    @Test
    void namesTheShardThatIsAwayAndGoesOnWhenItIsBack() {
        try (MarketStore store = open(options().build())) {
            store.appendTrades(trades(0, 1_000));
            ClickHouseServer away = shards.get(1);
            away.kill();
            try {
                assertThatThrownBy(() -> store.appendTrades(trades(1_000, 2_000)))
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining(Integer.toString(away.tcpPort()));
                assertThatThrownBy(store::tradeCount)
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining(Integer.toString(away.tcpPort()));
            } finally {
                away.restart();
            }
            appendWhenBack(store, trades(1_000, 2_000));
            assertComplete(store, trades(0, 2_000));
        }
    }

    @Test
    void queuesWhileAShardIsAwayAndDeliversWhenItIsBack() {
        try (MarketStore store = open(options().queuedInserts(true).build())) {
            assertThat(store.capabilities().precomputedAtOnce()).isFalse();
            store.appendTrades(trades(0, 1_000));
            store.refreshBars();
            assertThat(store.tradeCount()).isEqualTo(1_000);
            ClickHouseServer away = shards.get(1);
            away.kill();
            try {
                assertThat(store.appendTrades(trades(1_000, 2_000))).isEqualTo(new AppendResult(1_000, 0, 0));
                assertThatThrownBy(store::refreshBars).isInstanceOf(TransientException.class);
            } finally {
                away.restart();
            }
            flushWhenBack(store);
            assertComplete(store, trades(0, 2_000));
        }
    }

    @Test
    void writesOnClusterStatementsThatTheEngineUnderstands() throws IOException {
        ClickHouseOptions options = TestServer.options(shards.get(0).port(), "markets")
                .cluster("tsdash")
                .replicated(true)
                .build();
        List<String> plan = ClickHouseMarketStore.plan(options);

        for (String statement : plan) {
            assertThat(shards.get(0).execute("EXPLAIN AST " + statement)).isNotEmpty();
        }
        assertThat(String.join(";\n\n", plan) + ";\n").isEqualTo(golden());
    }

    private static String golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ClickHouseClusterTest.class.getResourceAsStream("replicated-cluster.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertComplete(MarketStore store, List<Trade> trades) {
        assertThat(store.tradeCount()).isEqualTo(trades.size());
        long count = 0;
        for (String symbol : store.symbols()) {
            BarRange range = BarRange.of(symbol, HOUR, 0, Long.MAX_VALUE, 10_000);
            assertThat(store.precomputedBars(range)).isNotEmpty().isEqualTo(store.barsOnDemand(range));
            count += store.precomputedBars(range).stream()
                    .mapToLong(bar -> bar.tradeCount())
                    .sum();
        }
        assertThat(count).isEqualTo(trades.size());
        assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(0, 0, trades.size()));
    }

    /** The node that we write to takes a moment until it connects to the other again. */
    private static void appendWhenBack(MarketStore store, List<Trade> trades) {
        for (int attempt = 0; ; attempt++) {
            try {
                store.appendTrades(trades);
                return;
            } catch (TransientException e) {
                assertThat(attempt).as(e.getMessage()).isLessThan(100);
            }
        }
    }

    private static void flushWhenBack(MarketStore store) {
        for (int attempt = 0; ; attempt++) {
            try {
                store.refreshBars();
                return;
            } catch (TransientException e) {
                assertThat(attempt).as(e.getMessage()).isLessThan(100);
            }
        }
    }

    private long symbolsOn(ClickHouseServer shard, String table) {
        return Long.parseLong(shard.execute("SELECT uniqExact(symbol) FROM " + database + "." + table));
    }

    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("SYM" + i % SYMBOLS, T0 + i * 1_000_000_000L, i, 100 + i * 37 % 101, i % 13));
        }
        return trades;
    }

    private ClickHouseOptions.Builder options() {
        return TestServer.options(shards.get(0).port(), database)
                .cluster("tsdash")
                .nodes(shards.stream().map(ClickHouseServer::url).toList());
    }

    private static MarketStore open(ClickHouseOptions options) {
        return ClickHouseMarketStore.open(options, TimeSource.system());
    }
}
