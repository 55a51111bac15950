package io.tsdash.clickhouse;

import io.tsdash.clickhouse.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What our tables look like, and the views between them.
 *
 * <p>Pre-computed bars come in generations: a row of {@code bars_*} holds what the trades of one generation give for one bar,
 * and a row with {@code rebuilt = 1} holds all that older generations gave. Readers leave out what is older than the newest
 * rebuilt row of a bar. So a bar is corrected by one insert, at once for every reader, and a write that lands late does
 * not count twice. Trades whose generation is negative are passed over by the views: their bars are rebuilt.
 */
final class Tables {
    static final String SCHEMA = "tsdash_schema";
    static final String MARKS = "tsdash_marks";
    static final String RETENTION = "tsdash_retention";
    static final String TRADES = "trades";
    static final String BARS = "bars";

    static final List<String> TRADE_COLUMNS = List.of(
            "symbol",
            "ts",
            "seq",
            "received",
            "price",
            "volume",
            "side",
            "sets_price",
            "counts_volume",
            "version",
            "generation");
    static final List<String> BAR_COLUMNS = List.of(
            "symbol",
            "bar_interval",
            "open_time",
            "close_time",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "notional",
            "trade_count",
            "first_event",
            "last_event",
            "revision",
            "state",
            "version");

    /** The order of trades as one number, which the engine compares faster than a pair. */
    private static final String ORDER = "(bitShiftLeft(toInt128(toUnixTimestamp64Nano(t.ts)), 64) + t.seq)";

    private static final String INT128_MAX = "toInt128('170141183460469231731687303715884105727')";
    private static final String INT128_MIN = "toInt128('-170141183460469231731687303715884105728')";
    private static final String TIME = "DateTime64(9, 'UTC')";
    /** Compact parts: a question reads all columns of a few granules, and a file for each column would cost more. */
    private static final String ALL_COLUMNS_TOGETHER =
            "min_bytes_for_wide_part = 17179869184, min_rows_for_wide_part = 1000000000";

    private static final String RISING = "DoubleDelta, ZSTD(1)";

    private Tables() {}

    /** Returns all tables, those first that others are fed from or read at every opening. */
    static List<Table> all(ClickHouseOptions options) {
        List<Table> tables = new ArrayList<>();
        tables.add(new Table(SCHEMA, List.of(Column.of("version", "UInt32")), "MergeTree", "version"));
        tables.add(new Table(
                MARKS,
                List.of(
                        Column.of("writer", "String"),
                        Column.of("number", "UInt16"),
                        Column.of("complete_until", "DateTime64(3, 'UTC')")),
                "ReplacingMergeTree(complete_until)",
                "writer"));
        tables.add(new Table(
                RETENTION,
                List.of(Column.of("kept", "String"), Column.of("since", TIME), Column.of("generation", "Int64")),
                "ReplacingMergeTree(since)",
                "kept"));
        tables.add(trades(options));
        tables.add(bars(options));
        Level.CHAIN.forEach(level -> tables.add(precomputed(level, options)));
        return tables;
    }

    /** Returns the key by which a table is spread over the shards. */
    static String shardedBy(Table table) {
        return "cityHash64(" + table.columns().get(0).name() + ")";
    }

    /** Returns the name of the view that feeds a level. */
    static String viewInto(Level level) {
        return level.table() + "_feed";
    }

    /**
     * Returns the query of the view that feeds a level from the trades or from the level before it.
     *
     * @param prefix of the source's name
     * @param suffix of the source's name
     */
    static String feed(Level level, String prefix, String suffix) {
        int index = Level.CHAIN.indexOf(level);
        if (index == 0) {
            String openTime = level.openTime("t.ts");
            return "SELECT t.symbol AS symbol, " + openTime + " AS open_time, t.generation AS generation,"
                    + " toUInt8(0) AS rebuilt, " + ofTrades() + " FROM " + prefix + TRADES + suffix
                    + " AS t WHERE t.generation > 0 AND " + counted("t") + " GROUP BY t.symbol, " + openTime
                    + ", t.generation";
        }
        String openTime = level.openTime("b.open_time");
        return "SELECT b.symbol AS symbol, " + openTime + " AS open_time, b.generation AS generation,"
                + " toUInt8(0) AS rebuilt, " + ofBars() + " FROM " + prefix
                + Level.CHAIN.get(index - 1).table() + suffix + " AS b WHERE b.rebuilt = 0 GROUP BY b.symbol, "
                + openTime
                + ", b.generation";
    }

    /** Returns the condition on trades that count in a bar. */
    static String counted(String alias) {
        return alias + ".version <> " + Sql.CANCELLED + " AND (" + alias + ".sets_price OR " + alias
                + ".counts_volume)";
    }

    /** Returns the columns of a pre-computed bar from trades under the alias t. */
    static String ofTrades() {
        return columns("t.sets_price", "1", "t.ts", "t.ts");
    }

    /** Returns the same where rows with {@code t.counts = 0} are no trades but say that a bar is to be there. */
    static String ofTradesAndEmptyBars() {
        return columns(
                "(t.sets_price AND t.counts = 1)",
                "t.counts",
                "if(t.counts = 1, t.ts, " + Sql.time(Long.MAX_VALUE) + ")",
                "if(t.counts = 1, t.ts, " + Sql.time(0) + ")");
    }

    private static String columns(String prices, String counts, String first, String last) {
        return "argMinState(t.price, if(" + prices + ", " + ORDER + ", " + INT128_MAX + ")) AS open,"
                + " max(if(" + prices + ", t.price, -inf)) AS high, min(if(" + prices + ", t.price, inf)) AS low,"
                + " argMaxState(t.price, if(" + prices + ", " + ORDER + ", " + INT128_MIN + ")) AS close,"
                + " sumKahanState(if(t.counts_volume, t.volume, 0.)) AS volume,"
                + " sumKahanState(if(t.counts_volume, t.price * t.volume, 0.)) AS notional,"
                + " toUInt64(countIf(" + prices + ")) AS priced, toUInt64(sum(" + counts + ")) AS trade_count,"
                + " min(" + first + ") AS first_event, max(" + last + ") AS last_event";
    }

    /** Returns the columns of a pre-computed bar from finer ones under the alias b. */
    static String ofBars() {
        return "argMinMergeState(b.open) AS open, max(b.high) AS high, min(b.low) AS low,"
                + " argMaxMergeState(b.close) AS close, sumKahanMergeState(b.volume) AS volume,"
                + " sumKahanMergeState(b.notional) AS notional, sum(b.priced) AS priced,"
                + " sum(b.trade_count) AS trade_count, min(b.first_event) AS first_event,"
                + " max(b.last_event) AS last_event";
    }

    private static Table trades(ClickHouseOptions options) {
        return new Table(
                TRADES,
                List.of(
                        Column.of("symbol", "LowCardinality(String)"),
                        Column.of("ts", TIME, RISING),
                        Column.of("seq", "Int64", "Delta, ZSTD(1)"),
                        Column.of("received", TIME, RISING),
                        Column.of("price", "Float64", "ZSTD(1)"),
                        Column.of("volume", "Float64", "ZSTD(1)"),
                        Column.of("side", "UInt8", "ZSTD(1)"),
                        Column.of("sets_price", "Bool", "ZSTD(1)"),
                        Column.of("counts_volume", "Bool", "ZSTD(1)"),
                        Column.of("version", "Int32", "ZSTD(1)"),
                        Column.of("generation", "Int64", "Delta, ZSTD(1)"),
                        new Column("written", "DateTime64(3, 'UTC')", " DEFAULT now64(3) CODEC(" + RISING + ")")),
                "ReplacingMergeTree(version)",
                "toYYYYMM(ts)",
                "symbol, ts, seq",
                Optional.of(new Ttl("ts", options.keepTrades())),
                settings(options, ""),
                // Finds what a killed writer wrote last, without reading all.
                "INDEX written written TYPE minmax GRANULARITY 4");
    }

    private static Table bars(ClickHouseOptions options) {
        return new Table(
                BARS,
                List.of(
                        Column.of("symbol", "LowCardinality(String)"),
                        Column.of("bar_interval", "LowCardinality(String)"),
                        Column.of("open_time", TIME, RISING),
                        Column.of("close_time", TIME, RISING),
                        Column.of("open", "Float64", "ZSTD(1)"),
                        Column.of("high", "Float64", "ZSTD(1)"),
                        Column.of("low", "Float64", "ZSTD(1)"),
                        Column.of("close", "Float64", "ZSTD(1)"),
                        Column.of("volume", "Float64", "ZSTD(1)"),
                        Column.of("notional", "Float64", "ZSTD(1)"),
                        Column.of("trade_count", "Int64", "ZSTD(1)"),
                        Column.of("first_event", TIME, RISING),
                        Column.of("last_event", TIME, RISING),
                        Column.of("revision", "Int32", "ZSTD(1)"),
                        Column.of("state", "UInt8", "ZSTD(1)"),
                        Column.of("version", "UInt128", "ZSTD(1)")),
                "ReplacingMergeTree(version)",
                "toYYYYMM(open_time)",
                "symbol, bar_interval, open_time",
                Optional.empty(),
                settings(options, "index_granularity = 1024, " + ALL_COLUMNS_TOGETHER),
                "");
    }

    private static Table precomputed(Level level, ClickHouseOptions options) {
        return new Table(
                level.table(),
                List.of(
                        Column.of("symbol", "LowCardinality(String)"),
                        Column.of("open_time", TIME, RISING),
                        Column.of("generation", "Int64", "Delta, ZSTD(1)"),
                        Column.of("rebuilt", "UInt8", "ZSTD(1)"),
                        Column.of("open", "AggregateFunction(argMin, Float64, Int128)", "ZSTD(1)"),
                        Column.of("high", "SimpleAggregateFunction(max, Float64)", "ZSTD(1)"),
                        Column.of("low", "SimpleAggregateFunction(min, Float64)", "ZSTD(1)"),
                        Column.of("close", "AggregateFunction(argMax, Float64, Int128)", "ZSTD(1)"),
                        Column.of("volume", "AggregateFunction(sumKahan, Float64)", "ZSTD(1)"),
                        Column.of("notional", "AggregateFunction(sumKahan, Float64)", "ZSTD(1)"),
                        Column.of("priced", "SimpleAggregateFunction(sum, UInt64)", "ZSTD(1)"),
                        Column.of("trade_count", "SimpleAggregateFunction(sum, UInt64)", "ZSTD(1)"),
                        Column.of("first_event", "SimpleAggregateFunction(min, " + TIME + ")", RISING),
                        Column.of("last_event", "SimpleAggregateFunction(max, " + TIME + ")", RISING)),
                "AggregatingMergeTree",
                "toYYYYMM(open_time)",
                "symbol, open_time, generation, rebuilt",
                Optional.of(new Ttl("open_time", options.keepBars())),
                // A chart reads a few hundred bars of one symbol.
                settings(options, "index_granularity = 512, " + ALL_COLUMNS_TOGETHER),
                "");
    }

    private static String settings(ClickHouseOptions options, String others) {
        List<String> settings = new ArrayList<>();
        if (!others.isEmpty()) {
            settings.add(others);
        }
        if (!options.storagePolicy().isEmpty()) {
            settings.add("storage_policy = " + Sql.text(options.storagePolicy()));
        }
        return String.join(", ", settings);
    }
}
