package io.tsdash.timescale;

import io.tsdash.model.Interval;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The statements that make the tables, for one database and one set of options. */
final class Ddl {
    /** The newest version of the tables that this code knows. */
    static final int VERSION = 1;

    /** What continuous aggregates keep up to date, each made from the one before. */
    static final List<Interval> PRECOMPUTED =
            List.of(Interval.parse("1m"), Interval.parse("5m"), Interval.parse("1h"), Interval.parse("1d"));

    private final Server server;
    private final Tables tables;
    private final TimescaleOptions options;

    Ddl(Server server, Tables tables, TimescaleOptions options) {
        this.server = server;
        this.tables = tables;
        this.options = options;
    }

    /** Returns what leads from nothing to version 1; each statement may be repeated. */
    List<String> create() {
        List<String> steps = new ArrayList<>();
        for (Shape shape : Shape.ALL) {
            steps.add(shape.createTable(tables));
        }
        if (server.kind() != Server.Kind.POSTGRESQL) {
            steps.add("SELECT " + server.function("create_hypertable") + "(" + regclass(tables.trades())
                    + ", 'time', chunk_time_interval => " + interval(options.chunkInterval())
                    + ", create_default_indexes => false, if_not_exists => true)");
        }
        Shape.ALL.stream()
                .filter(shape -> !shape.identity().isEmpty())
                .forEach(shape -> steps.add(shape.createIdentity(tables)));
        // For all symbols of a time, as refreshes and retention ask; next to nothing to keep up.
        steps.add("CREATE INDEX IF NOT EXISTS trades_time ON " + tables.trades()
                + " USING brin (time) WITH (autosummarize = on)");
        if (server.kind() == Server.Kind.TIMESCALEDB) {
            steps.add(enableColumnstore());
            steps.add(finestView());
            for (int i = 1; i < PRECOMPUTED.size(); i++) {
                steps.add(coarserView(PRECOMPUTED.get(i - 1), PRECOMPUTED.get(i)));
            }
            steps.add(refreshProcedure());
        }
        steps.add("INSERT INTO " + tables.version() + " (version, kind, settings) VALUES (" + VERSION + ", "
                + Tables.literal(server.kind().name()) + ", '')");
        return steps;
    }

    /** Returns what the options say about the database's own jobs, as text to compare. */
    String settings() {
        return "chunkInterval=" + options.chunkInterval() + " columnstoreAfter=" + options.columnstoreAfter()
                + " tradeRetention=" + options.tradeRetention() + " refresh=" + options.refreshBy()
                + (options.refreshBy() == RefreshBy.DATABASE ? " " + options.refreshEvery() : "");
    }

    /** Returns what sets the database's own jobs to the options; each statement may be repeated. */
    List<String> applySettings() {
        List<String> steps = new ArrayList<>();
        String trades = regclass(tables.trades());
        if (server.kind() != Server.Kind.POSTGRESQL) {
            steps.add("SELECT " + server.function("set_chunk_time_interval") + "(" + trades + ", "
                    + interval(options.chunkInterval()) + ")");
        }
        if (server.kind() == Server.Kind.TIMESCALEDB) {
            steps.addAll(columnstorePolicy(trades));
            steps.add("SELECT " + server.function("remove_retention_policy") + "(" + trades + ", if_exists => true)");
            if (!options.tradeRetention().isZero()) {
                steps.add("SELECT " + server.function("add_retention_policy") + "(" + trades + ", drop_after => "
                        + seconds(options.tradeRetention()) + ")");
            }
            steps.add("SELECT " + server.function("delete_job") + "(job_id) FROM timescaledb_information.jobs"
                    + " WHERE proc_schema = " + Tables.literal(tables.schema())
                    + " AND proc_name = 'tsdash_refresh_bars'");
            if (options.refreshBy() == RefreshBy.DATABASE) {
                steps.add("SELECT " + server.function("add_job") + "(" + Tables.literal(tables.refresh())
                        + "::regproc, " + interval(options.refreshEvery()) + ")");
            }
        }
        steps.add(
                "UPDATE " + tables.version() + " SET settings = " + Tables.literal(settings()) + ", trade_retention = "
                        + (options.tradeRetention().isZero() ? "NULL" : seconds(options.tradeRetention())));
        return steps;
    }

    private String enableColumnstore() {
        return "ALTER TABLE " + tables.trades()
                + (server.isAtLeast(2, 18)
                        ? " SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'symbol', timescaledb.orderby ="
                                + " 'time, ts, seq')"
                        : " SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol',"
                                + " timescaledb.compress_orderby = 'time, ts, seq')");
    }

    private List<String> columnstorePolicy(String trades) {
        boolean named = server.isAtLeast(2, 18);
        List<String> steps = new ArrayList<>();
        steps.add(
                named
                        ? "CALL " + server.function("remove_columnstore_policy") + "(" + trades + ", if_exists => true)"
                        : "SELECT " + server.function("remove_compression_policy") + "(" + trades
                                + ", if_exists => true)");
        if (!options.columnstoreAfter().isZero()) {
            String after = interval(options.columnstoreAfter());
            steps.add(
                    named
                            ? "CALL " + server.function("add_columnstore_policy") + "(" + trades + ", after => " + after
                                    + ")"
                            : "SELECT " + server.function("add_compression_policy") + "(" + trades
                                    + ", compress_after => " + after + ")");
        }
        return steps;
    }

    private String finestView() {
        Interval interval = PRECOMPUTED.get(0);
        return viewHead(interval) + "SELECT symbol, " + bucket(interval) + " AS time, " + BarSql.AGGREGATES + " FROM "
                + tables.trades() + " WHERE " + BarSql.COUNTED + " GROUP BY symbol, " + bucket(interval)
                + " WITH NO DATA";
    }

    private String coarserView(Interval from, Interval to) {
        return viewHead(to) + "SELECT symbol, " + bucket(to) + " AS time, "
                // Buckets do not overlap: their times order their prices.
                + server.function("first") + "(open, time) FILTER (WHERE open IS NOT NULL) AS open,"
                + " max(high) AS high, min(low) AS low, "
                + server.function("last") + "(close, time) FILTER (WHERE close IS NOT NULL) AS close,"
                + " sum(volume) AS volume, sum(notional) AS notional, sum(trade_count)::bigint AS trade_count,"
                + " min(first_ts) AS first_ts, max(last_ts) AS last_ts FROM " + tables.view(from)
                + " GROUP BY symbol, " + bucket(to) + " WITH NO DATA";
    }

    private String viewHead(Interval interval) {
        return "CREATE MATERIALIZED VIEW IF NOT EXISTS " + tables.view(interval)
                + " WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS ";
    }

    private String bucket(Interval interval) {
        return server.function("time_bucket") + "(" + interval(interval.size()) + ", time)";
    }

    /**
     * Refreshes finest first and all that is out of date, but never where trades were removed: their bars would go too.
     *
     * <p>What is newest stays open to the real-time part of the views, so that each trade shows there at once; with
     * {@code until} all before that is made final, as before a removal.
     */
    private String refreshProcedure() {
        Interval finest = PRECOMPUTED.get(0);
        String width = interval(finest.size());
        String bucket = server.function("time_bucket");
        String coarser = PRECOMPUTED.stream()
                .skip(1)
                .map(interval -> "  CALL " + server.function("refresh_continuous_aggregate") + "("
                        + regclass(tables.view(interval)) + ", NULL, " + bucket + "(" + interval(interval.size())
                        + ", finish));\n  COMMIT;\n")
                .collect(Collectors.joining());
        return "CREATE OR REPLACE PROCEDURE " + tables.refresh() + "(job_id int, config jsonb) LANGUAGE plpgsql AS $$\n"
                + "DECLARE\n"
                + "  start timestamptz;\n"
                + "  finish timestamptz := config ->> 'until';\n"
                + "  materialized text;\n"
                + "  known timestamptz;\n"
                + "BEGIN\n"
                + "  SELECT greatest(trades_from, now() - trade_retention) INTO start FROM " + tables.version() + ";\n"
                + "  start := " + bucket + "(" + width + ", start + " + width + " - INTERVAL '1 microsecond');\n"
                + "  IF finish IS NULL THEN\n"
                + "    SELECT format('SELECT max(time) FROM %I.%I', materialization_hypertable_schema,"
                + " materialization_hypertable_name) INTO materialized"
                + " FROM timescaledb_information.continuous_aggregates WHERE view_schema = "
                + Tables.literal(tables.schema()) + " AND view_name = 'bars_" + finest.text() + "';\n"
                + "    EXECUTE materialized INTO known;\n"
                + "    SELECT max(time) INTO finish FROM " + tables.trades()
                + " WHERE time >= coalesce(known, '-infinity');\n"
                + "    IF finish > now() THEN finish := now(); END IF;\n"
                // What was final stays so, also when the server's clock was set back.
                + "    finish := greatest(" + bucket + "(" + width + ", finish), known + " + width + ");\n"
                + "  ELSE\n"
                + "    finish := " + bucket + "(" + width + ", finish + " + width + " - INTERVAL '1 microsecond');\n"
                + "  END IF;\n"
                + "  COMMIT;\n"
                + "  IF finish IS NULL THEN RETURN; END IF;\n"
                + "  IF start IS NULL OR start < finish THEN\n"
                + "    CALL " + server.function("refresh_continuous_aggregate") + "(" + regclass(tables.view(finest))
                + ", start, finish);\n"
                + "    COMMIT;\n"
                + "  END IF;\n"
                + coarser
                + "END $$";
    }

    private static String regclass(String table) {
        return Tables.literal(table) + "::regclass";
    }

    /** Not in days: the job that drops and the refresh before it may be in different zones, where a day back is another moment. */
    private static String seconds(Duration age) {
        return "INTERVAL '" + age.toSeconds() + " seconds'";
    }

    /** In the largest unit that fits, as people read the plan. */
    private static String interval(Duration duration) {
        if (duration.equals(Duration.ofDays(duration.toDays()))) {
            return "INTERVAL '" + duration.toDays() + " days'";
        }
        if (duration.equals(Duration.ofMinutes(duration.toMinutes()))) {
            return "INTERVAL '" + duration.toMinutes() + " minutes'";
        }
        return "INTERVAL '" + duration.toMillis() + " milliseconds'";
    }
}
